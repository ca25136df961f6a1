"""Supervised contrastive loss (Khosla et al. 2020): faces of one name attract each other."""

import torch
from torch import Tensor


def supervised_contrastive_loss(
    vectors: Tensor, names: Tensor, *, temperature: float = 0.1
) -> Tensor:
    """Return the loss with the mean over positives outside the logarithm, their `L_out`.

    Args:
        vectors: `(n, d)` unit vectors.
        names: `(n,)` integers; equal ones are positives of each other.
        temperature: divisor of the cosines.

    Returns:
        The mean over the faces that have a positive; 0 where none has.
    """
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    logits = (vectors @ vectors.T / temperature).masked_fill(itself, -torch.inf)
    shares = logits - logits.logsumexp(1, keepdim=True)
    positives = (names[:, None] == names[None, :]) & ~itself
    counts = positives.sum(1)
    sums = shares.masked_fill(~positives, 0.0).sum(1)
    losses = -sums[counts > 0] / counts[counts > 0]
    return losses.mean() if len(losses) else vectors.sum() * 0.0

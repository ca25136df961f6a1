"""Contrastive losses: InfoNCE with false-negative masks, and the KoLeo entropy term."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from whenanime_pipeline.core.learning.pictures import SAME_PICTURE

_EPSILON = 1e-6


@dataclass(frozen=True)
class ExtraNegatives:
    """Negatives from outside the batch.

    Attributes:
        first: `(m, d)` unit vectors of first views, negatives of the batch's second views.
        second: `(m, d)` unit vectors of second views, negatives of the batch's first views.
        false_negative_mask: `(n, m)` bool, true for pairs that are not negatives.
    """

    first: Tensor
    second: Tensor
    false_negative_mask: Tensor


def compute_false_negative_mask(thumbnails: Tensor, *, threshold: float = SAME_PICTURE) -> Tensor:
    """Return the pairs of near-equal pictures in a batch, which must not count as negatives.

    Adjacent frames of a held drawing are often equal; separating them would be learning noise.

    Args:
        thumbnails: `(n, ...)` small gray pictures in gray levels, 0 to 255.
        threshold: mean absolute difference in gray levels below which two are equal.

    Returns:
        `(n, n)` bool, symmetric, false on the diagonal.
    """
    flat = thumbnails.flatten(1).float()
    alike = torch.cdist(flat, flat, p=1.0) / flat.shape[1] < threshold
    return alike.fill_diagonal_(fill_value=False)


def info_nce(
    first: Tensor,
    second: Tensor,
    false_negative_mask: Tensor,
    *,
    temperature: float = 0.05,
    symmetric: bool = True,
    extra_negatives: ExtraNegatives | None = None,
) -> Tensor:
    """Return the InfoNCE loss of two views of the same pictures.

    One-sided and without a mask it is what sentence-transformers calls
    MultipleNegativesRankingLoss, whose scale is 1 / temperature.

    Args:
        first: `(n, d)` unit vectors.
        second: `(n, d)` unit vectors; row i is the other view of row i.
        false_negative_mask: `(n, n)` bool, symmetric, true for pairs that are not negatives; false
            on the diagonal.
        temperature: divisor of the cosines; a lower one weights the hardest negatives more.
        symmetric: whether second views are queries too, not only first views.
        extra_negatives: negatives from outside the batch.
    """
    logits = first @ second.T / temperature
    logits = logits.masked_fill(false_negative_mask, -torch.inf)
    forward, backward = logits, logits.T
    if extra_negatives is not None:
        forward = torch.cat(
            [forward, _extra_logits(first, extra_negatives.second, extra_negatives, temperature)], 1
        )
        backward = torch.cat(
            [backward, _extra_logits(second, extra_negatives.first, extra_negatives, temperature)],
            1,
        )
    targets = torch.arange(len(first), device=first.device)
    loss = functional.cross_entropy(forward, targets)
    if not symmetric:
        return loss
    return (loss + functional.cross_entropy(backward, targets)) / 2


def _extra_logits(
    queries: Tensor, others: Tensor, extra_negatives: ExtraNegatives, temperature: float
) -> Tensor:
    return (queries @ others.T / temperature).masked_fill(
        extra_negatives.false_negative_mask, -torch.inf
    )


def koleo_loss(vectors: Tensor, false_negative_mask: Tensor) -> Tensor:
    """Return the KoLeo loss: minus the mean log distance to the nearest other vector.

    It spreads the vectors over the sphere (Sablayrolles et al. 2019).

    Args:
        vectors: `(n, d)` unit vectors, n ≥ 2.
        false_negative_mask: as for `info_nce`.
    """
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    similarity = (vectors @ vectors.T).masked_fill(false_negative_mask | itself, -1.0)
    nearest = similarity.amax(1)
    # |a - b|² = 2 - 2 a·b; the floor keeps the gradient finite where two vectors are equal.
    return -0.5 * (2 - 2 * nearest).clamp(min=_EPSILON).log().mean()

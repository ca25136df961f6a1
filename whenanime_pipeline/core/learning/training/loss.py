"""What training lowers: pairs of one picture come together, different pictures spread out."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from whenanime_pipeline.core.learning.pictures import SAME_PICTURE

_EPSILON = 1e-6


@dataclass(frozen=True)
class ExtraNegatives:
    """Pictures that are not of the batch.

    Attributes:
        first: `(m, d)` unit vectors of their first views, from which second views are told apart.
        second: `(m, d)` unit vectors of their second views, for first ones.
        false_negative_mask: `(n, m)` bool: which are no negatives of which pictures of the batch.
    """

    first: Tensor
    second: Tensor
    false_negative_mask: Tensor


def compute_false_negative_mask(thumbnails: Tensor, *, threshold: float = SAME_PICTURE) -> Tensor:
    """Return which pictures of a batch are too alike to be pushed apart.

    Adjacent frames of a held drawing are often equal; to tell them apart would be learning noise.

    Args:
        thumbnails: `(n, ...)` small gray pictures in gray levels, 0 to 255.
        threshold: mean absolute difference in gray levels.

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

    One-sided and with nothing ignored it is what sentence-transformers calls
    MultipleNegativesRankingLoss, whose scale is 1 / temperature.

    Args:
        first: `(n, d)` unit vectors.
        second: `(n, d)` unit vectors; row i is the other view of row i.
        false_negative_mask: `(n, n)` bool, symmetric: pairs that are no negatives; the diagonal is false.
        temperature: lower looks more at the hardest negatives.
        symmetric: whether second views ask for the first ones too, not only the first for the
            second.
        extra_negatives: other pictures to tell these apart from.
    """
    logits = first @ second.T / temperature
    logits = logits.masked_fill(false_negative_mask, -torch.inf)
    there, back = logits, logits.T
    if extra_negatives is not None:
        there = torch.cat(
            [there, _extra_logits(first, extra_negatives.second, extra_negatives, temperature)], 1
        )
        back = torch.cat(
            [back, _extra_logits(second, extra_negatives.first, extra_negatives, temperature)], 1
        )
    targets = torch.arange(len(first), device=first.device)
    loss = functional.cross_entropy(there, targets)
    if not symmetric:
        return loss
    return (loss + functional.cross_entropy(back, targets)) / 2


def _extra_logits(
    queries: Tensor, others: Tensor, extra_negatives: ExtraNegatives, temperature: float
) -> Tensor:
    return (queries @ others.T / temperature).masked_fill(
        extra_negatives.false_negative_mask, -torch.inf
    )


def koleo_loss(vectors: Tensor, false_negative_mask: Tensor) -> Tensor:
    """Return the KoLeo entropy term: minus the mean log distance to the nearest other picture.

    It keeps the vectors from using a part of the sphere only (Sablayrolles et al. 2019).

    Args:
        vectors: `(n, d)` unit vectors, n ≥ 2.
        false_negative_mask: as for `info_nce`.
    """
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    similarity = (vectors @ vectors.T).masked_fill(false_negative_mask | itself, -1.0)
    nearest = similarity.amax(1)
    # |a - b|² = 2 - 2 a·b; the floor keeps the gradient finite where two vectors are equal.
    return -0.5 * (2 - 2 * nearest).clamp(min=_EPSILON).log().mean()

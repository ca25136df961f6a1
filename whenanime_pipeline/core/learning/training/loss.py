"""What training lowers: pairs of one picture come together, different pictures spread out."""

import torch
from torch import Tensor
from torch.nn import functional

from whenanime_pipeline.core.learning.pictures import SAME_PICTURE

_EPSILON = 1e-6


def false_negatives(thumbnails: Tensor, *, threshold: float = SAME_PICTURE) -> Tensor:
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
    ignored: Tensor,
    *,
    temperature: float = 0.05,
    symmetric: bool = True,
    further: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """Return the InfoNCE loss of two views of the same pictures.

    One-sided and with nothing ignored it is what sentence-transformers calls
    MultipleNegativesRankingLoss, whose scale is 1 / temperature.

    Args:
        first: `(n, d)` unit vectors.
        second: `(n, d)` unit vectors; row i is the other view of row i.
        ignored: `(n, n)` bool, symmetric: pairs that are no negatives; the diagonal is false.
        temperature: lower looks more at the hardest negatives.
        symmetric: whether second views ask for the first ones too, not only the first for the
            second.
        further: `(m, d)` vectors that are told apart as well, and `(n, m)` bool: which of them are
            no negatives.
    """
    logits = first @ second.T / temperature
    logits = logits.masked_fill(ignored, -torch.inf)
    there = _entropy(logits, first, further, temperature)
    if not symmetric:
        return there
    back = _entropy(logits.T, second, further, temperature)
    return (there + back) / 2


def _entropy(
    logits: Tensor, asking: Tensor, further: tuple[Tensor, Tensor] | None, temperature: float
) -> Tensor:
    if further is not None:
        vectors, ignored = further
        others = (asking @ vectors.T / temperature).masked_fill(ignored, -torch.inf)
        logits = torch.cat([logits, others], dim=1)
    return functional.cross_entropy(logits, torch.arange(len(asking), device=asking.device))


def spread(vectors: Tensor, ignored: Tensor) -> Tensor:
    """Return the KoLeo entropy term: minus the mean log distance to the nearest other picture.

    It keeps the vectors from using a part of the sphere only (Sablayrolles et al. 2019).

    Args:
        vectors: `(n, d)` unit vectors, n ≥ 2.
        ignored: as for `info_nce`.
    """
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    similarity = (vectors @ vectors.T).masked_fill(ignored | itself, -1.0)
    nearest = similarity.amax(1)
    # |a - b|² = 2 - 2 a·b; the floor keeps the gradient finite where two vectors are equal.
    return -0.5 * (2 - 2 * nearest).clamp(min=_EPSILON).log().mean()

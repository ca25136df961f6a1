"""The tagger's loss: the chain's likelihood, and the two heads of the boundaries."""

import torch
from torch import Tensor
from torch.nn import functional

from whenanime_pipeline.core.learning.themes.tagger_batches import TaggerBatch
from whenanime_pipeline.core.learning.themes.tagger_network import TaggerMember

_BOUNDS_WEIGHT = 1.0
"""Of the coarse boundary head, against the chain's likelihood a second."""
_OFFSETS_WEIGHT = 0.3
"""Of the fine head: it can only be right after the coarse one is."""
_POSITIVE_WEIGHT = 4.0
"""Of seconds at a boundary: one second in a hundred is."""


def compute_loss(member: TaggerMember, batch: TaggerBatch) -> Tensor:
    """Return the loss of one network on a batch."""
    emissions, bounds = member(batch.features, batch.vectors)
    known = batch.known
    chain = -member.chain.log_likelihood(emissions, batch.classes, known).sum() / known.sum()
    weights = 1 + (_POSITIVE_WEIGHT - 1) * batch.bounds
    coarse = functional.binary_cross_entropy_with_logits(
        bounds[..., :2], batch.bounds, weights, reduction="none"
    )
    coarse = (coarse * known[..., None]).sum() / known.sum()
    exists = ((batch.offsets >= 0) & known[..., None]).float()
    offsets = bounds[..., 2:].sigmoid()
    fine = (
        functional.smooth_l1_loss(offsets, batch.offsets.clamp(min=0), reduction="none", beta=0.2)
        * exists
    ).sum() / exists.sum().clamp(min=1)
    return chain + _BOUNDS_WEIGHT * coarse + _OFFSETS_WEIGHT * torch.as_tensor(fine)

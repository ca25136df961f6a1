"""The two views of a picture that training brings together: as stored, and as people post it."""

import torch
from torch import Generator, Tensor

from whenanime_pipeline.core.learning.training.edits.chance import some
from whenanime_pipeline.core.learning.training.edits.frames import cropped, placed
from whenanime_pipeline.core.learning.training.edits.marks import (
    captioned,
    played,
    screened,
    stickered,
)
from whenanime_pipeline.core.learning.training.edits.quality import compressed
from whenanime_pipeline.core.learning.training.edits.tones import (
    blurred,
    grayed,
    noisy,
    recoloured,
    toned,
)

_SMALLEST = 0.15
"""Smallest share of a picture's area that a screenshot shows."""
_PLACES = {"bars": 0.12, "borders": 0.1, "within": 0.1, "photographed": 0.12}


def clean_view(pictures: Tensor, generator: Generator, *, size: int) -> Tensor:
    """Return the pictures as a library stores them: scaled, and a little worn."""
    view = cropped(pictures, generator, size=size)
    view = blurred(view, generator, share=0.3, factor=1.5)
    return noisy(toned(view, generator, strength=0.05), generator, most=0.01)


def edited_view(pictures: Tensor, generator: Generator, *, size: int, mild: float) -> Tensor:
    """Return the pictures as people post them.

    Args:
        pictures: `(n, 3, h, w)`.
        generator: source of chance.
        size: pixels of the new side, a multiple of 8.
        mild: share of the batch, from its beginning, that is whole and lightly compressed only:
            what tells close moments apart.
    """
    calm = round(len(pictures) * mild)
    views = []
    if calm:
        light = clean_view(pictures[:calm], generator, size=size)
        views.append(compressed(light, generator, share=0.5, quality=(60, 95)))
    if calm < len(pictures):
        views.append(_rough(pictures[calm:], generator, size=size))
    return torch.cat(views)


def _rough(pictures: Tensor, generator: Generator, *, size: int) -> Tensor:
    view = placed(
        pictures,
        generator,
        size=size,
        area=(_SMALLEST, 1),
        stretch=1.8,
        flip=0.3,
        shares=_PLACES,
    )
    view = some(view, generator, 0.3, lambda one: recoloured(one, generator, strength=0.2))
    view = some(view, generator, 0.7, lambda one: toned(one, generator, strength=1.0))
    view = grayed(view, generator, share=0.1)
    view = blurred(view, generator, share=0.25, factor=5.0)
    view = captioned(view, generator, share=0.2)
    view = played(view, generator, share=0.1)
    view = stickered(view, generator, share=0.1)
    view = screened(view, generator, share=0.12)
    return compressed(noisy(view, generator, most=0.04), generator, share=0.4, quality=(8, 90))

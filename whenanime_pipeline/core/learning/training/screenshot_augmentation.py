"""Makes the two views of a positive pair: a picture as indexed, and as people post it."""

import torch
from torch import Generator, Tensor

from whenanime_pipeline.core.learning.training.edits.geometric import (
    crop_randomly,
    place_in_screenshots,
)
from whenanime_pipeline.core.learning.training.edits.jpeg import compress_jpeg
from whenanime_pipeline.core.learning.training.edits.overlays import (
    add_captions,
    add_player_controls,
    add_screen_artifacts,
    add_stickers,
)
from whenanime_pipeline.core.learning.training.edits.photometric import (
    add_blur,
    add_noise,
    drop_colours,
    jitter_colours,
    jitter_tone,
)
from whenanime_pipeline.core.learning.training.edits.random_draws import edit_share

_SMALLEST = 0.15
"""Smallest share of a picture's area that a screenshot shows."""
_PLACES = {"bars": 0.12, "borders": 0.1, "within": 0.1, "photographed": 0.12}


def make_reference_view(pictures: Tensor, generator: Generator, *, size: int) -> Tensor:
    """Return the pictures as a library stores them: scaled, with slight compression artifacts."""
    view = crop_randomly(pictures, generator, size=size)
    view = add_blur(view, generator, share=0.3, factor=1.5)
    return add_noise(jitter_tone(view, generator, strength=0.05), generator, most=0.01)


def make_screenshot_view(
    pictures: Tensor, generator: Generator, *, size: int, mild: float
) -> Tensor:
    """Return the pictures as people post them.

    Args:
        pictures: `(n, 3, h, w)`.
        generator: random generator.
        size: side of the views in pixels, a multiple of 8.
        mild: share of the batch, from its beginning, that is only lightly compressed, to learn
            to distinguish close frames.
    """
    mild_count = round(len(pictures) * mild)
    views = []
    if mild_count:
        light = make_reference_view(pictures[:mild_count], generator, size=size)
        views.append(compress_jpeg(light, generator, share=0.5, quality=(60, 95)))
    if mild_count < len(pictures):
        views.append(_make_strong_view(pictures[mild_count:], generator, size=size))
    return torch.cat(views)


def _make_strong_view(pictures: Tensor, generator: Generator, *, size: int) -> Tensor:
    view = place_in_screenshots(
        pictures,
        generator,
        size=size,
        area=(_SMALLEST, 1),
        stretch=1.8,
        flip=0.3,
        shares=_PLACES,
    )
    view = edit_share(
        view, generator, 0.3, lambda one: jitter_colours(one, generator, strength=0.2)
    )
    view = edit_share(view, generator, 0.7, lambda one: jitter_tone(one, generator, strength=1.0))
    view = drop_colours(view, generator, share=0.1)
    view = add_blur(view, generator, share=0.25, factor=5.0)
    view = add_captions(view, generator, share=0.2)
    view = add_player_controls(view, generator, share=0.1)
    view = add_stickers(view, generator, share=0.1)
    view = add_screen_artifacts(view, generator, share=0.12)
    return compress_jpeg(
        add_noise(view, generator, most=0.04), generator, share=0.4, quality=(8, 90)
    )

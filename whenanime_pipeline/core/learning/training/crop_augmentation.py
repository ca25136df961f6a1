"""What the seed does to pictures, as operations on batches of tensors.

The same chances as torchvision's RandomResizedCrop, RandomHorizontalFlip and ColorJitter, drawn
for a whole batch at once. Two things differ, and only slightly: brightness, contrast and
saturation are clipped once, at the end; and hue is turned in the YIQ plane, where that is a linear
map, and not in the hexagon of HSV (https://en.wikipedia.org/wiki/YIQ). So all four together are
one affine map of the colours of a picture.
"""

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from whenanime_pipeline.core.learning.training.edits.photometric import jitter_colours
from whenanime_pipeline.core.learning.training.edits.random_draws import draw_mask, uniform

DEFAULT_ASPECT = 16 / 9
"""Width by height of frames that do not say."""
_TRIES = 10  # to find a crop that fits: torchvision's


def resize_batch(pictures: Tensor, *, size: int) -> Tensor:
    """Return pictures as the seed's Resize scales them.

    Args:
        pictures: `(n, 3, h, w)` uint8: torch has a fast way for whole numbers on processors.
        size: pixels of the new side.

    Returns:
        `(n, 3, size, size)` in 0 to 1.
    """
    if pictures.device.type != "cpu":
        pictures = pictures.float()
    if pictures.shape[-2:] != (size, size):
        pictures = functional.interpolate(
            pictures, size=(size, size), mode="bilinear", antialias=True
        )
    return pictures.float() / 255


def augment_batch(
    pictures: Tensor,
    generator: Generator,
    *,
    size: int,
    aspects: Tensor | None = None,
    scale: float = 0.2,
    flip: float = 0.2,
    color: float = 0.2,
) -> Tensor:
    """Return a random part of each picture, perhaps mirrored, in other colours.

    Args:
        pictures: `(n, 3, h, w)` in 0 to 1, squeezed to squares.
        generator: source of chance, on their device.
        size: pixels of the new side.
        aspects: `(n,)` width by height before they were squeezed; None: 16 to 9.
        scale: smallest share of the area that stays.
        flip: share of the pictures that are mirrored.
        color: how far brightness, contrast and saturation change, as a share, and how far the hue
            turns, as a share of the circle.
    """
    count = len(pictures)
    if aspects is None:
        aspects = torch.full((count,), DEFAULT_ASPECT, device=pictures.device)
    left, top, wide, high = draw_crop_boxes(aspects, generator, scale=scale)
    mirrored = draw_mask(count, flip, generator)
    theta = torch.zeros(count, 2, 3, device=pictures.device)
    theta[:, 0, 0] = torch.where(mirrored, -wide, wide)
    theta[:, 1, 1] = high
    theta[:, 0, 2] = 2 * left + wide - 1
    theta[:, 1, 2] = 2 * top + high - 1
    grid = functional.affine_grid(theta, [count, 3, size, size], align_corners=False)
    views = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    return jitter_colours(views, generator, strength=color)


def draw_crop_boxes(
    aspects: Tensor,
    generator: Generator,
    *,
    scale: float,
    ratios: tuple[float, float] = (3 / 4, 4 / 3),
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return parts of frames as RandomResizedCrop draws them in the frames' own pixels.

    Ten tries a frame; where none fits, the middle that comes nearest to the ratios.

    Args:
        aspects: `(n,)` width by height of the frames.
        generator: source of chance.
        scale: smallest share of the area.
        ratios: narrowest and widest part, width by height.

    Returns:
        Left, top, width and height, `(n,)` each, as shares of the frame.
    """
    count = len(aspects)
    area = uniform(count * _TRIES, scale, 1, generator).view(count, _TRIES)
    low, high = (math.log(ratio) for ratio in ratios)
    ratio = uniform(count * _TRIES, low, high, generator).exp().view(count, _TRIES)
    stretch = ratio / aspects[:, None]
    wide, tall = (area * stretch).sqrt(), (area / stretch).sqrt()
    fits = (wide <= 1) & (tall <= 1)
    first = fits.int().argmax(1, keepdim=True)
    nearest = aspects.clamp(*ratios) / aspects
    found = fits.any(1)
    wide = torch.where(found, wide.gather(1, first)[:, 0], nearest.clamp(max=1))
    tall = torch.where(found, tall.gather(1, first)[:, 0], (1 / nearest).clamp(max=1))
    across, down = (uniform(count, 0, 1, generator) for _ in range(2))
    across, down = (torch.where(found, place, 0.5) for place in (across, down))
    return across * (1 - wide), down * (1 - tall), wide, tall

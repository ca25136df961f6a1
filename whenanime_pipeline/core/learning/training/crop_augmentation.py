"""The seed's augmentation on batches of tensors: random crop, flip and colour jitter.

It has the distributions of torchvision's RandomResizedCrop, RandomHorizontalFlip and ColorJitter,
drawn for a whole batch at once. Two things differ, and only slightly: brightness, contrast and
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
"""Width by height of frames whose aspect is unknown."""
_TRIES = 10  # to find a crop that fits: torchvision's


def resize_batch(pictures: Tensor, *, size: int) -> Tensor:
    """Resize pictures as the seed's Resize does.

    Args:
        pictures: `(n, 3, h, w)` uint8, which torch resizes faster on CPUs.
        size: side of the result in pixels.

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
    """Crop, flip and colour-jitter each picture at random.

    Args:
        pictures: `(n, 3, h, w)` in 0 to 1, squeezed to squares.
        generator: random generator on their device.
        size: side of the result in pixels.
        aspects: `(n,)` width by height before they were squeezed; None: 16 to 9.
        scale: smallest share of the area to crop.
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
    """Draw crop boxes as RandomResizedCrop does, in the frames' own aspect.

    Ten tries a frame; where none fits, the central box nearest to the ratios.

    Args:
        aspects: `(n,)` width by height of the frames.
        generator: random generator.
        scale: smallest share of the area.
        ratios: smallest and largest width by height of a box.

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

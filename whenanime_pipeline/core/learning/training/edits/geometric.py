"""Geometric edits of screenshots: crops, bars, borders, insets and photographed screens.

Each is one homography, so that a picture is sampled once and stays sharp. Coordinates are from -1
to 1 in both directions; maps lead from the result to its source.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Generator, Tensor
from torch.nn import functional

from whenanime_pipeline.core.learning.training.edits.random_draws import draw_mask, uniform

_COARSE = 1.7  # pixels of a picture for one of its view, above which they are averaged first
_FLAT_SHARE = 0.6  # of the surroundings are of one colour; the others are other pictures


def draw_crop_maps(
    count: int,
    generator: Generator,
    *,
    area: tuple[float, float] = (1.0, 1.0),
    stretch: float = 1.0,
    flip: float = 0.0,
) -> Tensor:
    """Return `(n, 3, 3)` maps to random parts of pictures; see `crop_randomly`."""
    share = uniform(count, *area, generator)
    ratio = (uniform(count, -1, 1, generator) * math.log(stretch) / 2).exp()
    wide = (share.sqrt() * ratio).clamp(max=1)
    tall = (share.sqrt() / ratio).clamp(max=1)
    maps = torch.zeros(count, 3, 3, device=generator.device)
    maps[:, 0, 0] = torch.where(draw_mask(count, flip, generator), -wide, wide)
    maps[:, 1, 1] = tall
    maps[:, 0, 2] = uniform(count, -1, 1, generator) * (1 - wide)
    maps[:, 1, 2] = uniform(count, -1, 1, generator) * (1 - tall)
    maps[:, 2, 2] = 1
    return maps


def crop_randomly(
    pictures: Tensor,
    generator: Generator,
    *,
    size: int,
    area: tuple[float, float] = (1.0, 1.0),
    stretch: float = 1.0,
    flip: float = 0.0,
) -> Tensor:
    """Crop a random part of each picture and scale it to a square.

    Args:
        pictures: `(n, 3, h, w)`.
        generator: random generator.
        size: side of the result in pixels.
        area: smallest and largest share of the picture's area to crop.
        stretch: largest change of the aspect ratio, as a factor.
        flip: share of the pictures that are mirrored.
    """
    maps = draw_crop_maps(len(pictures), generator, area=area, stretch=stretch, flip=flip)
    return _sample_pictures(pictures, _sample_points(maps, size))


def _bar_maps(count: int, generator: Generator) -> Tensor:
    """Return maps to pictures between bars: mostly above and below, else at the sides."""
    upright = draw_mask(count, 0.7, generator)
    scale = 1 / (1 - uniform(count, 0, 0.3, generator))
    across, down = torch.where(upright, 1.0, scale), torch.where(upright, scale, 1.0)
    return _box_maps(across, down, torch.zeros_like(across), torch.zeros_like(across))


def _border_maps(count: int, generator: Generator) -> Tensor:
    """Return maps to pictures with room for text above, below, or both."""
    tall = uniform(count, 0.6, 0.85, generator)
    wide = torch.where(draw_mask(count, 0.5, generator), 1.0, uniform(count, 0.85, 1, generator))
    place = (uniform(count, -1, 1, generator) * 2).clamp(-1, 1)
    return _box_maps(1 / wide, 1 / tall, torch.zeros_like(wide), place * (1 - tall))


def _inset_maps(count: int, generator: Generator) -> Tensor:
    """Return maps to pictures inset in others."""
    wide = uniform(count, 0.4, 0.85, generator)
    tall = (wide * (uniform(count, -1, 1, generator) * 0.2).exp()).clamp(max=0.95)
    across, down = (uniform(count, -1, 1, generator) for _ in range(2))
    return _box_maps(1 / wide, 1 / tall, across * (1 - wide), down * (1 - tall))


def _photo_maps(count: int, generator: Generator) -> Tensor:
    """Return maps to screens photographed at an angle, with some of their surroundings."""
    wide, tall = (uniform(count, 0.72, 1.08, generator) for _ in range(2))
    across, down = (uniform(count, -0.1, 0.1, generator) for _ in range(2))
    maps = _box_maps(1 / wide, 1 / tall, across, down)
    angle = uniform(count, -0.12, 0.12, generator)
    turn = torch.zeros(count, 3, 3, device=generator.device)
    turn[:, 0, 0] = turn[:, 1, 1] = angle.cos()
    turn[:, 0, 1], turn[:, 1, 0] = -angle.sin(), angle.sin()
    turn[:, 2, 0] = uniform(count, -0.16, 0.16, generator)
    turn[:, 2, 1] = uniform(count, -0.16, 0.16, generator)
    turn[:, 2, 2] = 1
    return turn @ maps


_PLACES: Mapping[str, Callable[[int, Generator], Tensor]] = {
    "bars": _bar_maps,
    "borders": _border_maps,
    "within": _inset_maps,
    "photographed": _photo_maps,
}


def place_in_screenshots(
    pictures: Tensor,
    generator: Generator,
    *,
    size: int,
    area: tuple[float, float],
    stretch: float,
    flip: float,
    shares: Mapping[str, float],
) -> Tensor:
    """Return crops of pictures within screenshots.

    Args:
        pictures: `(n, 3, h, w)`; they also serve as each other's surroundings.
        generator: random generator.
        size: side of the result in pixels.
        area: smallest and largest share of the picture's area that is seen.
        stretch: largest change of the aspect ratio, as a factor.
        flip: share of the pictures that are mirrored.
        shares: shares of the screenshots with `bars`, with `borders` for text, `within` another
            picture, or `photographed`; the others are plain crops.

    Returns:
        `(n, 3, size, size)`.
    """
    count = len(pictures)
    lot = uniform(count, 0, 1, generator)
    maps = torch.eye(3, device=pictures.device).repeat(count, 1, 1)
    flat, framed = draw_mask(count, _FLAT_SHARE, generator), torch.zeros_like(lot, dtype=torch.bool)
    begin = 0.0
    for name, make in _PLACES.items():
        end = begin + shares.get(name, 0.0)
        picked = (lot >= begin) & (lot < end)
        maps = torch.where(picked.view(-1, 1, 1), make(count, generator), maps)
        framed |= picked
        if name in ("bars", "borders"):
            flat |= picked
        begin = end
    inner = _sample_points(maps, size)
    parts = draw_crop_maps(count, generator, area=area, stretch=stretch, flip=flip)
    view = _sample_pictures(pictures, _transform_points(inner, parts))
    around = _draw_surround_colours(count, generator).view(-1, 3, 1, 1).expand_as(view).contiguous()
    filled = framed & ~flat
    if filled.any():
        others = pictures.roll(count // 2, 0)[filled]
        around[filled] = crop_randomly(others, generator, size=size, area=(0.4, 1.0), flip=0.5)
    return torch.where((inner.abs().amax(-1) <= 1).unsqueeze(1), view, around)


def _draw_surround_colours(count: int, generator: Generator) -> Tensor:
    """Draw `(n, 3)` colours of surroundings: mostly black, white or gray."""
    colour = torch.rand(count, 3, generator=generator, device=generator.device)
    plain = uniform(count, -1, 2, generator).clamp(0, 1).view(-1, 1)
    return torch.where(draw_mask(count, 0.8, generator).view(-1, 1), plain.expand(-1, 3), colour)


def _box_maps(across: Tensor, down: Tensor, middle: Tensor, height: Tensor) -> Tensor:
    """Return `(n, 3, 3)` maps to boxes.

    Args:
        across: `(n,)` the plane's width by the box's.
        down: `(n,)` the plane's height by the box's.
        middle: `(n,)` horizontal centre of the box.
        height: `(n,)` vertical centre of the box.
    """
    maps = torch.zeros(len(across), 3, 3, device=across.device)
    maps[:, 0, 0], maps[:, 1, 1], maps[:, 2, 2] = across, down, 1
    maps[:, 0, 2] = -middle * across
    maps[:, 1, 2] = -height * down
    return maps


def _sample_points(maps: Tensor, size: int) -> Tensor:
    """Return the pixels of a square transformed by maps, `(n, size, size, 2)`."""
    ends = 1 - 1 / size
    line = torch.linspace(-ends, ends, size, device=maps.device)
    down, across = torch.meshgrid(line, line, indexing="ij")
    return _transform_points(torch.stack([across, down], -1).expand(len(maps), -1, -1, -1), maps)


def _transform_points(points: Tensor, maps: Tensor) -> Tensor:
    """Return `(n, h, w, 2)` points transformed by `(n, 3, 3)` maps."""
    count, high, wide, _ = points.shape
    whole = functional.pad(points.reshape(count, -1, 2), (0, 1), value=1.0)
    moved = whole @ maps.transpose(1, 2)
    return (moved[..., :2] / moved[..., 2:].clamp(min=0.1)).view(count, high, wide, 2)


def _sample_pictures(pictures: Tensor, points: Tensor) -> Tensor:
    """Return pictures at points; those that shrink much are averaged in squares of four first."""
    steps = points[:, ::8, 1::8] - points[:, ::8, :-1:8]
    pixels = steps.abs().sum(-1).mean((1, 2)) * pictures.shape[-1] / 2
    coarse = pixels > _COARSE
    view = torch.empty(
        len(pictures), 3, *points.shape[1:3], device=pictures.device, dtype=pictures.dtype
    )
    for some, source in ((~coarse, pictures), (coarse, None)):
        if not some.any():
            continue
        taken = pictures[some] if source is not None else functional.avg_pool2d(pictures[some], 2)
        view[some] = functional.grid_sample(
            taken, points[some], padding_mode="border", align_corners=False
        )
    return view

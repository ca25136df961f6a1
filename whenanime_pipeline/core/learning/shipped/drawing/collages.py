"""Pictures that no show has: textured shapes over each other, some of which move.

Copies are recognised by details of a picture, and a generator of shows repeats itself: the
same faces, the same places. Falling leaves of power-law sizes have the statistics of pictures
without any of their subjects (Lee, Mumford & Huang 2001; Baradad et al. 2021 train by them).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.drawing.fills import (
    Palette,
    choose_palette,
    paint_fill,
)
from whenanime_pipeline.core.learning.shipped.drawing.outlines import Outline, choose_outline
from whenanime_pipeline.core.sample.compositing import Mask, Picture, gaussian_blur

Rng = np.random.Generator
Size = tuple[int, int]

_STAGE = 1.3  # sides of what is painted, in sides of a picture: room for the camera
_SMALLEST, _LARGEST = 0.02, 0.7  # half size of shapes, in heights of a picture
_SHIFT = 4  # OpenCV's fixed-point fraction bits


@dataclass(frozen=True)
class _MovingShape:
    """A shape that moves in front of the others.

    Attributes:
        outline: around the origin, in units of its half size.
        fill: `(h, w, 3)` what it is painted with, as large as a picture.
        size: half of it, in pixels.
        place: its centre at the beginning, in pixels.
        speed: pixels a moment.
        turn: degrees a moment.
        growth: growth a moment, as a factor.
        line: width of its edge in pixels, 0 for none.
        ink: RGB of the edge.
    """

    outline: Outline
    fill: Picture
    size: float
    place: NDArray[np.float64]
    speed: NDArray[np.float64]
    turn: float
    growth: float
    line: int
    ink: tuple[int, int, int]


def draw_collage_frames(rng: Rng, size: Size, frames: int) -> list[Picture]:
    """Moments of one scene: the camera and a few shapes move a little from each to the next.

    Args:
        rng: drawn from.
        size: (width, height) in pixels.
        frames: how many.

    Returns:
        As many RGB pictures (height, width, 3) uint8.
    """
    stage_size = round(size[0] * _STAGE), round(size[1] * _STAGE)
    palette = choose_palette(rng)
    stage = _paint_stage(rng, palette, stage_size)
    movers = [_choose_mover(rng, palette, size) for _ in range(int(rng.integers(1, 4)))]
    room = np.array(stage_size) - size
    begin = room * rng.uniform(0.25, 0.75, 2)
    pan = room * rng.normal(0, 0.08, 2) * (rng.random() < 0.5)
    zoom = float(np.exp(rng.normal(0, 0.03))) if rng.random() < 0.3 else 1.0
    pictures = []
    for moment in range(frames):
        scale = zoom**moment
        left, top = np.clip(begin + pan * moment, 0, room)
        matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
        picture = cv2.warpAffine(stage, matrix, size, borderMode=cv2.BORDER_REFLECT)
        for mover in movers:
            picture = _draw_mover_at(picture, mover, moment)
        pictures.append(np.asarray(picture, np.uint8))
    return pictures


def _paint_stage(rng: Rng, palette: Palette, size: Size) -> Picture:
    """Paint what does not move."""
    stage = paint_fill(rng, palette, size)
    if rng.random() < 0.6:  # a ground below the sky
        horizon = int(size[1] * rng.uniform(0.35, 0.85))
        stage[horizon:] = paint_fill(rng, palette, size)[horizon:]
    count = int(np.exp(rng.uniform(np.log(4), np.log(60))))
    sizes = _choose_sizes(rng, count)
    if rng.random() < 0.7:
        sizes = np.sort(sizes)[::-1]  # what is small lies in front, and is seen
    lines = rng.random() < 0.5
    ink = palette.ink
    fills = [paint_fill(rng, palette, size) for _ in range(min(count, 9))]
    for half in sizes * size[1]:
        points = choose_outline(rng) * half + rng.uniform((0, 0), size)
        fill = fills[int(rng.integers(len(fills)))]
        width = max(1, round(size[1] * float(rng.uniform(0.002, 0.01)))) if lines else 0
        stage = _composite_outline(stage, points, fill, width, ink, _choose_shading(rng))
    if rng.random() < 0.2:
        stage = gaussian_blur(stage, float(rng.uniform(0.004, 0.02)) * size[1])
    return stage


def _choose_sizes(rng: Rng, count: int) -> NDArray[np.float64]:
    """Half sizes by a power law: as many shapes at every scale as pictures of the world have."""
    low, high = _SMALLEST**-2.0, _LARGEST**-2.0
    sizes: NDArray[np.float64] = rng.uniform(high, low, count) ** -0.5
    even = np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST), count))
    return np.where(rng.random(count) < 0.4, even, sizes)


def _choose_shading(rng: Rng) -> float:
    """How much light a shape has above that it lacks below, 0 to 1."""
    return float(rng.uniform(0.1, 0.7)) if rng.random() < 0.5 else 0.0


def _choose_mover(rng: Rng, palette: Palette, size: Size) -> _MovingShape:
    height = size[1]
    return _MovingShape(
        outline=choose_outline(rng),
        fill=paint_fill(rng, palette, size),
        size=float(np.exp(rng.uniform(np.log(0.05), np.log(0.4)))) * height,
        place=rng.uniform((0.1, 0.1), (0.9, 0.9)) * size,
        speed=rng.normal(0, 0.05, 2) * height,
        turn=float(rng.normal(0, 12)),
        growth=float(np.exp(rng.normal(0, 0.05))),
        line=max(1, round(height * float(rng.uniform(0.003, 0.012)))) * int(rng.random() < 0.6),
        ink=palette.ink,
    )


def _draw_mover_at(picture: Picture, mover: _MovingShape, moment: int) -> Picture:
    angle = np.radians(mover.turn * moment)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points = mover.outline @ turn * (mover.size * mover.growth**moment)
    points = points + mover.place + mover.speed * moment
    return _composite_outline(picture, points, mover.fill, mover.line, mover.ink, 0.0)


def _composite_outline(
    picture: Picture,
    points: NDArray[np.float64],
    fill: Picture,
    line: int,
    ink: tuple[int, int, int],
    shade: float,
) -> Picture:
    """Lay a filled outline over a picture, in place where it can be."""
    height, width = picture.shape[:2]
    low = np.clip(np.floor(points.min(0)).astype(int) - 2 - line, 0, (width, height))
    high = np.clip(np.ceil(points.max(0)).astype(int) + 3 + line, 0, (width, height))
    if (high - low).min() < 1:
        return picture
    rows, columns = slice(low[1], high[1]), slice(low[0], high[0])
    fixed = np.round((points - low) * (1 << _SHIFT)).astype(np.int32)
    covered: Mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    cv2.fillPoly(covered, [fixed], 255, cv2.LINE_AA, _SHIFT)
    weight = covered[..., None].astype(np.float32) / 255
    paint = fill[rows, columns].astype(np.float32)
    if shade:
        ramp = np.linspace(1 + shade / 2, 1 - shade, len(paint), dtype=np.float32)
        paint = np.clip(paint * ramp[:, None, None], 0, 255)
    part = picture[rows, columns]
    mixed = np.asarray(np.round(part + (paint - part) * weight), np.uint8)
    if line:
        cv2.polylines(mixed, [fixed], True, ink, line, cv2.LINE_AA, _SHIFT)  # noqa: FBT003 - by position in OpenCV
    picture[rows, columns] = mixed
    return picture

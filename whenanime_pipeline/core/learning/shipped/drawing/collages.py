"""Collages: textured shapes that occlude each other, some of which move.

The generator of drawn shows repeats its faces and places, while a copy detector needs varied
details. This is the dead leaves model: shapes whose sizes follow a power law have the statistics of
natural images (Lee, Mumford and Huang 2001), and networks can be trained on them (Baradad et al.
2021: Learning to See by Looking at Noise).
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

_BACKGROUND_SCALE = 1.3
"""Sides of the background in sides of a picture, so that the camera can pan."""
_SMALLEST, _LARGEST = 0.02, 0.7
"""Half the size of shapes, in heights of a picture."""
_SHIFT = 4
"""Fractional bits of OpenCV's fixed-point coordinates."""


@dataclass(frozen=True)
class _MovingShape:
    """A shape that moves in front of the others.

    Attributes:
        outline: `(n, 2)` points around the origin, in units of half its size.
        fill: `(h, w, 3)` RGB texture, as large as a picture.
        size: half its size, in pixels.
        position: `(2,)` centre in the first frame, in pixels.
        speed: `(2,)` in pixels per frame.
        rotation: degrees per frame.
        growth: factor per frame.
        line: width of its edge in pixels, 0 for none.
        ink: RGB of the edge.
    """

    outline: Outline
    fill: Picture
    size: float
    position: NDArray[np.float64]
    speed: NDArray[np.float64]
    rotation: float
    growth: float
    line: int
    ink: tuple[int, int, int]


def draw_collage_frames(rng: Rng, size: Size, frames: int) -> list[Picture]:
    """Draw successive frames of a scene in which the camera and a few shapes move a little.

    Args:
        rng: source of randomness.
        size: (width, height) in pixels.
        frames: number of frames.

    Returns:
        `frames` RGB pictures `(height, width, 3)` uint8.
    """
    background_size = round(size[0] * _BACKGROUND_SCALE), round(size[1] * _BACKGROUND_SCALE)
    palette = choose_palette(rng)
    background = _paint_background(rng, palette, background_size)
    shapes = [_choose_moving_shape(rng, palette, size) for _ in range(int(rng.integers(1, 4)))]
    room = np.array(background_size) - size
    begin = room * rng.uniform(0.25, 0.75, 2)
    pan = room * rng.normal(0, 0.08, 2) * (rng.random() < 0.5)
    zoom = float(np.exp(rng.normal(0, 0.03))) if rng.random() < 0.3 else 1.0
    pictures = []
    for frame in range(frames):
        scale = zoom**frame
        left, top = np.clip(begin + pan * frame, 0, room)
        matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
        picture = cv2.warpAffine(background, matrix, size, borderMode=cv2.BORDER_REFLECT)
        for shape in shapes:
            picture = _draw_shape_at(picture, shape, frame)
        pictures.append(np.asarray(picture, np.uint8))
    return pictures


def _paint_background(rng: Rng, palette: Palette, size: Size) -> Picture:
    """Paint the static background."""
    background = paint_fill(rng, palette, size)
    if rng.random() < 0.6:  # ground below the sky
        horizon = int(size[1] * rng.uniform(0.35, 0.85))
        background[horizon:] = paint_fill(rng, palette, size)[horizon:]
    count = int(np.exp(rng.uniform(np.log(4), np.log(60))))
    sizes = _choose_sizes(rng, count)
    if rng.random() < 0.7:
        sizes = np.sort(sizes)[::-1]  # small shapes in front, so that they stay visible
    lines = rng.random() < 0.5
    ink = palette.ink
    fills = [paint_fill(rng, palette, size) for _ in range(min(count, 9))]
    for half in sizes * size[1]:
        points = choose_outline(rng) * half + rng.uniform((0, 0), size)
        fill = fills[int(rng.integers(len(fills)))]
        width = max(1, round(size[1] * float(rng.uniform(0.002, 0.01)))) if lines else 0
        background = _composite_outline(background, points, fill, width, ink, _choose_shading(rng))
    if rng.random() < 0.2:
        background = gaussian_blur(background, float(rng.uniform(0.004, 0.02)) * size[1])
    return background


def _choose_sizes(rng: Rng, count: int) -> NDArray[np.float64]:
    """Return half sizes `(count,)`, most by a power law, which makes the scene scale-invariant."""
    low, high = _SMALLEST**-2.0, _LARGEST**-2.0
    sizes: NDArray[np.float64] = rng.uniform(high, low, count) ** -0.5
    even = np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST), count))
    return np.where(rng.random(count) < 0.4, even, sizes)


def _choose_shading(rng: Rng) -> float:
    """Return the strength of a vertical shading, brighter above, 0 to 1."""
    return float(rng.uniform(0.1, 0.7)) if rng.random() < 0.5 else 0.0


def _choose_moving_shape(rng: Rng, palette: Palette, size: Size) -> _MovingShape:
    height = size[1]
    return _MovingShape(
        outline=choose_outline(rng),
        fill=paint_fill(rng, palette, size),
        size=float(np.exp(rng.uniform(np.log(0.05), np.log(0.4)))) * height,
        position=rng.uniform((0.1, 0.1), (0.9, 0.9)) * size,
        speed=rng.normal(0, 0.05, 2) * height,
        rotation=float(rng.normal(0, 12)),
        growth=float(np.exp(rng.normal(0, 0.05))),
        line=max(1, round(height * float(rng.uniform(0.003, 0.012)))) * int(rng.random() < 0.6),
        ink=palette.ink,
    )


def _draw_shape_at(picture: Picture, shape: _MovingShape, frame: int) -> Picture:
    angle = np.radians(shape.rotation * frame)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points = shape.outline @ turn * (shape.size * shape.growth**frame)
    points = points + shape.position + shape.speed * frame
    return _composite_outline(picture, points, shape.fill, shape.line, shape.ink, 0.0)


def _composite_outline(
    picture: Picture,
    points: NDArray[np.float64],
    fill: Picture,
    line: int,
    ink: tuple[int, int, int],
    shade: float,
) -> Picture:
    """Draw a filled outline over a picture, in place; the part outside is clipped."""
    height, width = picture.shape[:2]
    low = np.clip(np.floor(points.min(0)).astype(int) - 2 - line, 0, (width, height))
    high = np.clip(np.ceil(points.max(0)).astype(int) + 3 + line, 0, (width, height))
    if (high - low).min() < 1:
        return picture
    rows, columns = slice(low[1], high[1]), slice(low[0], high[0])
    fixed = np.round((points - low) * (1 << _SHIFT)).astype(np.int32)
    coverage: Mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    cv2.fillPoly(coverage, [fixed], 255, cv2.LINE_AA, _SHIFT)
    weight = coverage[..., None].astype(np.float32) / 255
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

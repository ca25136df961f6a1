"""Warps and blends two shots into a new one that is no near-duplicate of either.

The search retrieves cropped, mirrored and graded frames, as it should. So each shot is also warped
elastically, and a second one covers a part of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
FloatMap = NDArray[np.float32]
Blend = Callable[[Picture, Picture], Picture]

_GRID = (4, 3)
"""Columns and rows of random shifts, which are interpolated over the picture."""
_WARP_DEVIATION = 0.04
"""Standard deviation of these shifts, in widths."""
_CROP_SHARES = (0.35, 0.85)
"""Share of the shot's width and height that is kept, lowest and highest."""
_MAX_ROTATION = 8.0
"""Largest rotation, in degrees."""


@dataclass(frozen=True)
class ShotTransform:
    """A crop of a shot, warped, rotated, sometimes mirrored, and graded.

    Attributes:
        x, y: `(height, width)`, source position of each pixel, in widths and heights of the shot.
        colours: `(3, 4)` affine map of RGB to RGB.
        levels: `(256,)` lookup table of levels.
    """

    x: FloatMap
    y: FloatMap
    colours: FloatMap
    levels: Picture

    def __call__(self, picture: Picture) -> Picture:
        """Apply the transform to an RGB picture of any size."""
        height, width = picture.shape[:2]
        warped = cv2.remap(
            picture,
            self.x * np.float32(width),
            self.y * np.float32(height),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        mixed: Picture = cv2.LUT(cv2.transform(warped, self.colours), self.levels)
        return mixed


def draw_transform(rng: np.random.Generator, size: tuple[int, int]) -> ShotTransform:
    """Draw a random transform.

    Args:
        rng: source of randomness.
        size: (width, height) of its result, in pixels.
    """
    width, height = size
    share = rng.uniform(*_CROP_SHARES, 2)
    corner = rng.uniform(0, 1 - share)
    angle = np.radians(rng.uniform(-_MAX_ROTATION, _MAX_ROTATION))
    across, down = np.meshgrid(
        np.linspace(-0.5, 0.5, width, dtype=np.float32),
        np.linspace(-0.5, 0.5, height, dtype=np.float32),
    )
    if rng.random() < 0.5:
        across = -across
    warp = [_smooth(rng.normal(0, _WARP_DEVIATION, _GRID[::-1]), size) for _ in range(2)]
    x = across * np.cos(angle) - down * np.sin(angle) + warp[0]
    y = across * np.sin(angle) + down * np.cos(angle) + warp[1]
    x, y = corner[0] + share[0] * (x + 0.5), corner[1] + share[1] * (y + 0.5)
    colours = np.eye(3, 4) + rng.normal(0, 0.18, (3, 4)) * [1, 1, 1, 60]
    levels = 255 * np.linspace(0, 1, 256) ** rng.uniform(0.6, 1.6)
    return ShotTransform(
        x.astype(np.float32),
        y.astype(np.float32),
        colours.astype(np.float32),
        levels.round().astype(np.uint8),
    )


def draw_blend(rng: np.random.Generator, size: tuple[int, int]) -> Blend:
    """Draw a random blend of two pictures: side by side, inset, transparent, or by luminance.

    Args:
        rng: source of randomness.
        size: (width, height) of both pictures, in pixels.
    """
    kind = rng.integers(4)
    if kind == 0:
        return _masked(_half(rng, size))
    if kind == 1:
        return _masked(_patch(rng, size))
    if kind == 2:
        share = float(rng.uniform(0.35, 0.65))
        return lambda one, other: np.asarray(cv2.addWeighted(one, share, other, 1 - share, 0))
    bright = float(rng.uniform(100, 160))

    def blend_bright_parts(one: Picture, other: Picture) -> Picture:
        """Composite the bright parts of the other picture, like a title or a light."""
        return _blend(one, other, (cv2.cvtColor(other, cv2.COLOR_RGB2GRAY) > bright) * _WHOLE)

    return blend_bright_parts


_WHOLE = np.float32(1)


def _masked(mask: FloatMap) -> Blend:
    return lambda one, other: _blend(one, other, mask)


def _blend(one: Picture, other: Picture, mask: FloatMap) -> Picture:
    return np.asarray(cv2.blendLinear(one, other, 1 - mask, mask), np.uint8)


def _half(rng: np.random.Generator, size: tuple[int, int]) -> FloatMap:
    """Return a mask of one side of a line near the centre."""
    across, down = _pixel_grid(size)
    angle, shift = rng.uniform(0, 2 * np.pi), rng.uniform(-0.15, 0.15)
    inside = across * np.cos(angle) + down * np.sin(angle) > shift
    return np.asarray(inside, np.float32)


def _patch(rng: np.random.Generator, size: tuple[int, int]) -> FloatMap:
    """Return a mask of a large ellipse or box."""
    across, down = _pixel_grid(size)
    x, y = rng.uniform(-0.25, 0.25, 2)
    half = rng.uniform(0.25, 0.4, 2)
    away = np.abs(across - x) / half[0], np.abs(down - y) / half[1]
    inside = np.hypot(*away) < 1 if rng.random() < 0.5 else np.maximum(*away) < 1
    return np.asarray(inside, np.float32)


@lru_cache(maxsize=1)
def _pixel_grid(size: tuple[int, int]) -> tuple[FloatMap, FloatMap]:
    width, height = size
    across, down = np.meshgrid(np.linspace(-0.5, 0.5, width), np.linspace(-0.5, 0.5, height))
    return across.astype(np.float32), down.astype(np.float32)


def _smooth(values: NDArray[np.float64], size: tuple[int, int]) -> FloatMap:
    smooth: FloatMap = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    return smooth

"""Types and functions that all edits share: scaling and compositing."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""RGB, `(height, width, 3)`."""

Mask = NDArray[np.float32]
"""Coverage, `(height, width)`, 0 to 1."""

Colour = tuple[int, int, int]

Edit = Callable[[Picture, np.random.Generator], Picture]
"""Returns an edited copy of a picture; all randomness is from the generator."""

Item = TypeVar("Item")


def choose(items: Sequence[Item], rng: np.random.Generator) -> Item:
    """Return a uniformly random item."""
    return items[int(rng.integers(len(items)))]


def resize(picture: Picture, width: int, height: int) -> Picture:
    """Resize a picture, by area averaging if it gets smaller, else by cubic interpolation."""
    width, height = max(1, width), max(1, height)
    smaller = width * height < picture.shape[0] * picture.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    result: Picture = cv2.resize(picture, (width, height), interpolation=way)
    return result


def resize_long_side(picture: Picture, side: int) -> Picture:
    """Resize a picture so that its longer side has `side` pixels."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    return resize(picture, round(width * scale), round(height * scale))


def alpha_blend(below: Picture, above: Picture, mask: Mask) -> Picture:
    """Blend one picture over another by a mask.

    Args:
        below: `(h, w, 3)`.
        above: `(h, w, 3)`, or a colour that broadcasts to it.
        mask: `(h, w)`, 1 where `above` is opaque.
    """
    cover = mask[..., None]
    mixed = below * (1 - cover) + above.astype(np.float32) * cover
    return to_uint8(mixed)


def apply_gamma(values: NDArray[np.float32], gamma: float) -> NDArray[np.float32]:
    """Apply a gamma curve to values of 0 to 255."""
    return np.asarray(255 * (np.clip(values, 0, 255) / 255) ** np.float32(gamma), np.float32)


def to_uint8(values: NDArray[np.float32]) -> Picture:
    """Round values and clip them to 0 to 255."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def paste(below: Picture, above: Picture, left: int, top: int) -> Picture:
    """Return a copy of a picture with another pasted at `(left, top)`, entirely inside it."""
    result = below.copy()
    height, width = above.shape[:2]
    result[top : top + height, left : left + width] = above
    return result

"""What all edits share: their types, scaling, and laying one picture over another."""

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
"""Makes a new picture of one, by chance from the generator alone, and does not write to it."""

Item = TypeVar("Item")


def choose(items: Sequence[Item], rng: np.random.Generator) -> Item:
    """Return one of some things, each equally likely."""
    return items[int(rng.integers(len(items)))]


def resize(picture: Picture, width: int, height: int) -> Picture:
    """Return a picture at another size: by area when it gets smaller, else cubic."""
    width, height = max(1, width), max(1, height)
    smaller = width * height < picture.shape[0] * picture.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    result: Picture = cv2.resize(picture, (width, height), interpolation=way)
    return result


def resize_long_side(picture: Picture, side: int) -> Picture:
    """Return a picture scaled so that its longer side has so many pixels."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    return resize(picture, round(width * scale), round(height * scale))


def alpha_blend(below: Picture, above: Picture, mask: Mask) -> Picture:
    """Return one picture over another, where and as far as the mask covers.

    Args:
        below: `(h, w, 3)`.
        above: of the same shape, or a colour that broadcasts to it.
        mask: `(h, w)`.
    """
    cover = mask[..., None]
    mixed = below * (1 - cover) + above.astype(np.float32) * cover
    return to_uint8(mixed)


def apply_gamma(values: NDArray[np.float32], gamma: float) -> NDArray[np.float32]:
    """Return gray levels of 0 to 255 after a power law on 0 to 1."""
    return np.asarray(255 * (np.clip(values, 0, 255) / 255) ** np.float32(gamma), np.float32)


def to_uint8(values: NDArray[np.float32]) -> Picture:
    """Return numbers as pixels: rounded, and held within 0 to 255."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def paste(below: Picture, above: Picture, left: int, top: int) -> Picture:
    """Return a copy of one picture with another on it, which has to lie wholly inside."""
    result = below.copy()
    height, width = above.shape[:2]
    result[top : top + height, left : left + width] = above
    return result

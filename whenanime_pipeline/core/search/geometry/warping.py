"""A stored picture drawn where it lies under a screenshot, in the screenshot's pixels."""

from dataclasses import dataclass
from math import ceil, isfinite

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.transform import Placement

Gray = NDArray[np.uint8]
Row = tuple[float, float, float]
Warp = tuple[Row, Row, Row]
"""A placement between pixels; its last number is 1."""

_SMOOTH = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
_NEAREST = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a stored picture shows of a screenshot.

    Attributes:
        rows, columns: of the screenshot that were drawn.
        pixels: `(rows, columns)`.
        inside: `(rows, columns)`, 1 where the stored picture is, 0 beside it; None: all of it.
        count: how many of the pixels are the stored picture's.
    """

    rows: slice
    columns: slice
    pixels: Gray
    inside: Gray | None
    count: int


def in_pixels(placement: Placement, width: int, stored_width: int) -> Warp | None:
    """Return a placement between pixels, whose centres lie half a pixel in on both sides.

    Args:
        placement: of the screenshot on the stored picture.
        width: of the screenshot in pixels.
        stored_width: of the stored picture.

    Returns:
        The placement; None of one that has none.
    """
    # Nine numbers are multiplied sooner than given to numpy.
    (a, b, c), (d, e, f), (g, h, i) = placement.tolist()
    half = 0.5 / width
    depth = i + half * (g + h)
    if not (isfinite(depth) and depth):
        return None
    x, y = g / (width * depth), h / (width * depth)
    whole = stored_width / depth
    step = whole / width
    return (
        (step * a - x / 2, step * b - y / 2, whole * (c + half * (a + b)) - 0.5),
        (step * d - x / 2, step * e - y / 2, whole * (f + half * (d + e)) - 0.5),
        (x, y, 1.0),
    )


def overlay(stored: Gray, warp: Warp, size: tuple[int, int]) -> Overlay | None:
    """Draw a stored picture over a screenshot.

    Args:
        stored: `(height, width)`.
        warp: from the screenshot's pixels to the stored picture's, not all on one line.
        size: of the screenshot: width and height.

    Returns:
        What was drawn; None when they do not touch.
    """
    (wide, slant, left), (tilt, high, top), (x, y, _) = warp
    if not (isfinite(left) and isfinite(top)):
        return None
    if slant == tilt == x == y == 0:
        # Upright, as most are: what it covers is a rectangle, and nothing else need be drawn.
        columns = _covered(wide, left, size[0], stored.shape[1])
        rows = _covered(high, top, size[1], stored.shape[0])
        drawn = columns.stop - columns.start, rows.stop - rows.start
        if min(drawn) <= 0:
            return None
        moved = np.array(
            [[wide, 0, left + wide * columns.start], [0, high, top + high * rows.start]]
        )
        pixels = cv2.warpAffine(
            stored, moved, drawn, flags=_SMOOTH, borderMode=cv2.BORDER_REPLICATE
        )
        return Overlay(rows, columns, pixels, None, pixels.size)
    affine = x == y == 0
    draw = cv2.warpAffine if affine else cv2.warpPerspective
    matrix = np.array(warp[:2] if affine else warp)
    inside = draw(np.ones_like(stored), matrix, size, flags=_NEAREST)
    count = cv2.countNonZero(inside)
    if not count:
        return None
    pixels = draw(stored, matrix, size, flags=_SMOOTH, borderMode=cv2.BORDER_REPLICATE)
    everything = slice(0, size[1]), slice(0, size[0])
    return Overlay(*everything, pixels, None if count == inside.size else inside, count)


def _covered(stretch: float, shift: float, count: int, stored: int) -> slice:
    """Return which of a row of pixels lie on a stored row, whose ends are half a pixel further."""
    first, last = sorted(((-0.5 - shift) / stretch, (stored - 0.5 - shift) / stretch))
    return slice(ceil(min(max(first, 0), count)), ceil(min(max(last, 0), count)))

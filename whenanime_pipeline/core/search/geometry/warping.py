"""Warps a reference frame into the query's pixel grid."""

from dataclasses import dataclass
from math import ceil, isfinite

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.transform import Transform

Gray = NDArray[np.uint8]
Row = tuple[float, float, float]
PixelTransform = tuple[Row, Row, Row]
"""Homography between pixel indices, row by row, scaled so that its last entry is 1."""

_SMOOTH = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
_NEAREST = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP


@dataclass(frozen=True, slots=True)
class WarpedFrame:
    """A reference frame warped into a region of the query.

    Attributes:
        rows, columns: the region of the query.
        pixels: `(rows, columns)`, gray levels.
        valid_mask: `(rows, columns)`, 1 inside the reference frame, 0 outside; None: all inside.
        pixel_count: number of pixels inside the reference frame.
    """

    rows: slice
    columns: slice
    pixels: Gray
    valid_mask: Gray | None
    pixel_count: int


def to_pixel_transform(
    transform: Transform, width: int, reference_width: int
) -> PixelTransform | None:
    """Convert a transform from widths to pixel indices; pixel 0's centre is at 0.5 pixels.

    Args:
        transform: transform of the query onto the reference frame.
        width: the query's width in pixels.
        reference_width: the reference frame's width in pixels.

    Returns:
        The transform between pixels; None if it is not finite.
    """
    # Written out, as numpy's overhead exceeds the arithmetic on nine numbers.
    (a, b, c), (d, e, f), (g, h, i) = transform.tolist()
    half = 0.5 / width
    depth = i + half * (g + h)
    if not (isfinite(depth) and depth):
        return None
    x, y = g / (width * depth), h / (width * depth)
    whole = reference_width / depth
    step = whole / width
    return (
        (step * a - x / 2, step * b - y / 2, whole * (c + half * (a + b)) - 0.5),
        (step * d - x / 2, step * e - y / 2, whole * (f + half * (d + e)) - 0.5),
        (x, y, 1.0),
    )


def warp_frame(
    reference: Gray, transform: PixelTransform, size: tuple[int, int]
) -> WarpedFrame | None:
    """Warp a reference frame onto a query.

    Args:
        reference: `(height, width)`, gray levels.
        transform: from the query's pixels to the reference frame's, invertible.
        size: width and height of the query, in pixels.

    Returns:
        The warped frame; None without overlap.
    """
    (wide, slant, left), (tilt, high, top), (x, y, _) = transform
    if not (isfinite(left) and isfinite(top)):
        return None
    if slant == tilt == x == y == 0:
        # Scale and shift only, as most are: the overlap is a rectangle, and only that is warped.
        columns = _covered(wide, left, size[0], reference.shape[1])
        rows = _covered(high, top, size[1], reference.shape[0])
        drawn = columns.stop - columns.start, rows.stop - rows.start
        if min(drawn) <= 0:
            return None
        moved = np.array(
            [[wide, 0, left + wide * columns.start], [0, high, top + high * rows.start]]
        )
        pixels = cv2.warpAffine(
            reference, moved, drawn, flags=_SMOOTH, borderMode=cv2.BORDER_REPLICATE
        )
        return WarpedFrame(rows, columns, pixels, None, pixels.size)
    affine = x == y == 0
    draw = cv2.warpAffine if affine else cv2.warpPerspective
    matrix = np.array(transform[:2] if affine else transform)
    inside = draw(np.ones_like(reference), matrix, size, flags=_NEAREST)
    count = cv2.countNonZero(inside)
    if not count:
        return None
    pixels = draw(reference, matrix, size, flags=_SMOOTH, borderMode=cv2.BORDER_REPLICATE)
    everything = slice(0, size[1]), slice(0, size[0])
    return WarpedFrame(*everything, pixels, None if count == inside.size else inside, count)


def _covered(stretch: float, shift: float, count: int, stored: int) -> slice:
    """Return which of `count` pixels along an axis lie inside a reference of `stored` pixels."""
    first, last = sorted(((-0.5 - shift) / stretch, (stored - 0.5 - shift) / stretch))
    return slice(ceil(min(max(first, 0), count)), ceil(min(max(last, 0), count)))

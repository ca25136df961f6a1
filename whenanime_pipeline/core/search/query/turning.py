"""Turns pictures that were taken or saved sideways or upside down."""

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.frames.sampling import LONG_SIDE

TURNS = (90, 180, 270)
"""Degrees by which a picture may be turned."""
_SMALL_SIDE = 2 * LONG_SIDE
"""Longer side, in pixels, at which turned pictures are embedded: twice that of stored frames, so
that bars are found as exactly as they are compared."""


def turn_upright(picture: NDArray[np.uint8], degrees: int) -> NDArray[np.uint8]:
    """Return a picture as it was before it was turned.

    Args:
        picture: `(height, width, 3)`.
        degrees: degrees by which it was turned clockwise; a multiple of 90.

    Returns:
        `(height, width, 3)` or `(width, height, 3)`, contiguous.
    """
    return np.ascontiguousarray(np.rot90(picture, degrees // 90))


def shrink(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture at the size at which turned pictures are embedded; never larger."""
    height, width = picture.shape[:2]
    scale = _SMALL_SIDE / max(height, width)
    if scale >= 1:
        return picture
    size = max(1, round(width * scale)), max(1, round(height * scale))
    smaller: NDArray[np.uint8] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return smaller

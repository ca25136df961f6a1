"""Cuts faces out of pictures, all with the same margin, also those whose box a person drew."""

import cv2
import numpy as np
from numpy.typing import NDArray

MARGIN = 0.1
"""Part of a box's width and height that is added on each side: embeddings of tight crops tell
characters apart better than those of whole heads."""
MIN_SIDE = 96
"""Pixels of a crop's shorter side at least; smaller ones are enlarged."""
CODE_VERSION = 1


def crop_face(picture: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a face with its margin; what is outside of the picture repeats its edge.

    Args:
        picture: RGB, `(height, width, 3)`.
        box: `(4,)`: left, top, right, bottom in pixels.

    Returns:
        RGB, whose shorter side has `MIN_SIDE` pixels or more.
    """
    width, height = box[2:] - box[:2]
    grown = box + np.array([-width, -height, width, height], np.float32) * np.float32(MARGIN)
    left, top = (int(value) for value in np.floor(grown[:2]))
    right, bottom = (int(value) for value in np.ceil(grown[2:]))
    across = np.clip(np.arange(left, max(right, left + 1)), 0, picture.shape[1] - 1)
    down = np.clip(np.arange(top, max(bottom, top + 1)), 0, picture.shape[0] - 1)
    crop = np.ascontiguousarray(picture[np.ix_(down, across)])
    scale = MIN_SIDE / min(crop.shape[:2])
    if scale <= 1:
        return crop
    size = round(crop.shape[1] * scale), round(crop.shape[0] * scale)
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC), np.uint8)

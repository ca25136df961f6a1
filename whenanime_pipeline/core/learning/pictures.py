"""Single pictures as training sees them: squeezed to a square, and as thumbnails to compare."""

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.frames.deduplication import SIGNATURE_SIZE, signature

Picture = NDArray[np.uint8]

SAME_PICTURE = 2.0
"""Mean difference in gray levels below which two thumbnails count as the same picture."""

THUMBNAIL_SHAPE = SIGNATURE_SIZE[::-1]
"""Rows and columns of a thumbnail."""


def squeeze_to_square(picture: Picture, side: int) -> Picture:
    """Return a picture resized to a square by area, ignoring its aspect, as `meta.json` says."""
    scaled: Picture = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return scaled


def make_thumbnail(picture: Picture) -> Picture:
    """Return a `(36, 64)` gray thumbnail, by which equal pictures are recognised."""
    return signature(picture)


def gray_difference(first: Picture, second: Picture) -> float:
    """Return the mean difference of two gray pictures, in gray levels."""
    return float(np.abs(first.astype(np.int16) - second).mean())


def same_picture(first: Picture, second: Picture) -> bool:
    """Return whether two thumbnails show the same picture."""
    return gray_difference(first, second) < SAME_PICTURE

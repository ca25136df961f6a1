"""Single pictures as training sees them: squeezed to a square, and as thumbnails to compare."""

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.frames.deduplication import SIGNATURE_SIZE, signature

Picture = NDArray[np.uint8]

SAME_PICTURE = 2.0
"""Mean difference in gray levels below which two small pictures count as the same one."""


THUMBNAIL_SHAPE = SIGNATURE_SIZE[::-1]
"""Rows and columns of the gray picture that decides whether two are the same."""


def squeeze_to_square(picture: Picture, side: int) -> Picture:
    """Return a picture scaled to a square, by area as `meta.json` says, without its aspect."""
    scaled: Picture = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return scaled


def make_thumbnail(picture: Picture) -> Picture:
    """Return the `(36, 64)` gray picture that decides whether two pictures are the same."""
    return signature(picture)


def gray_difference(first: Picture, second: Picture) -> float:
    """Return the mean difference of two gray pictures, in gray levels."""
    return float(np.abs(first.astype(np.int16) - second).mean())


def same_picture(first: Picture, second: Picture) -> bool:
    """Say whether two thumbnails show the same picture."""
    return gray_difference(first, second) < SAME_PICTURE

"""Steps before and after an edit: upscaling by the player, and the file that is posted."""

from io import BytesIO

import numpy as np
from PIL import Image

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import (
    Picture,
    resize_long_side,
)

MIN_WATCHED_SIDE = 854
"""Longer side of the smallest window that films are watched in, in pixels (480p)."""
_MIN_SIDE, _MAX_SIDE = 320, 640
"""Smallest and largest longer side of a posted picture, in pixels."""
_QUALITY = 80
"""JPEG quality."""


def upscale_as_watched(frame: Picture) -> Picture:
    """Upscale a small frame to the size that a player shows it at."""
    return (
        frame
        if max(frame.shape[:2]) >= MIN_WATCHED_SIDE
        else resize_long_side(frame, MIN_WATCHED_SIDE)
    )


def encode_as_posted(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return a picture as it arrives after posting: resized and compressed as JPEG.

    Args:
        picture: RGB picture, edited or not.
        rng: draws the largest side that the site allows, 400 to 640 pixels.

    Returns:
        The decoded JPEG, RGB.
    """
    limit = int(rng.integers(400, _MAX_SIDE + 1))
    side = max(picture.shape[:2])
    if not _MIN_SIDE <= side <= limit:
        picture = resize_long_side(picture, min(max(side, _MIN_SIDE), limit))
    code = BytesIO()
    Image.fromarray(picture).save(code, "JPEG", quality=_QUALITY)
    return np.array(Image.open(code).convert("RGB"))

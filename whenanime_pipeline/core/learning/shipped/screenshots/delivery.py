"""Before the edit and after it: the screen a frame was watched on, and the file that is sent."""

from io import BytesIO

import numpy as np
from PIL import Image

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import (
    Picture,
    resize_long_side,
)

MIN_WATCHED_SIDE = 854
"""Pixels of the longer side of the smallest window that films are watched in: 480p."""
_LEAST, _MOST = 320, 640
_QUALITY = 80


def upscale_as_watched(frame: Picture) -> Picture:
    """Return a frame as large as it is watched: players enlarge small films, and so do we."""
    return (
        frame
        if max(frame.shape[:2]) >= MIN_WATCHED_SIDE
        else resize_long_side(frame, MIN_WATCHED_SIDE)
    )


def encode_as_posted(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return a picture as it is sent: scaled to the size people have, as JPEG of quality 80.

    Args:
        picture: edited or not.
        rng: draws the largest side that the site allows, up to 640 pixels.

    Returns:
        What the JPEG shows when it is decoded.
    """
    limit = int(rng.integers(400, _MOST + 1))
    side = max(picture.shape[:2])
    if not _LEAST <= side <= limit:
        picture = resize_long_side(picture, min(max(side, _LEAST), limit))
    code = BytesIO()
    Image.fromarray(picture).save(code, "JPEG", quality=_QUALITY)
    return np.array(Image.open(code).convert("RGB"))

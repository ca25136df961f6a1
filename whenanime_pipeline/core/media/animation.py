"""Chooses the picture of an animated GIF, PNG, WebP or AVIF, within bounds of work and time."""

import struct
import zlib
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from whenanime_pipeline.core.media.contrast import (
    SMALL_SIZE,
    ShowingPicture,
    measure_contrast,
)
from whenanime_pipeline.core.media.time_limit import TimeLimit

DAMAGE_ERRORS: tuple[type[Exception], ...] = (
    *(OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, OverflowError),
    *(struct.error, zlib.error, TypeError, RuntimeError),
)
"""Exceptions that Pillow's plugins raise on damaged files."""
_MAX_PICTURES = 1_000
_MAX_PIXELS = 500_000_000
"""Maximum pixels of the pictures looked at: two thousand of 640×360, eight of 64 megapixels."""
_LOOKING_SECONDS = 3.0
"""Processor seconds after which no more pictures are decoded once there is one."""


def load_shown_picture(image: ImageFile) -> Image.Image:
    """Decode the picture that a file shows; of an animation, the first that shows something.

    A PNG's default image that is not part of its animation is shown by no viewer that knows
    animations, and is skipped. Where nothing in an animation shows anything, its first picture is
    returned.

    Args:
        image: Opened file, not yet loaded.

    Returns:
        The picture; `image` itself where it is not animated.

    Raises:
        Exception: One of `DAMAGE_ERRORS`; the first picture cannot be decoded.
    """
    if not getattr(image, "is_animated", False):
        image.load()
        return image
    first = 0
    if getattr(image, "default_image", False):
        with suppress(*DAMAGE_ERRORS):  # without a second picture, viewers show the first
            image.seek(1)
            first = 1
    width, height = image.size
    count = max(1, min(_MAX_PICTURES, _MAX_PIXELS // max(1, width * height)))
    choice, limit = ShowingPicture(), TimeLimit(_LOOKING_SECONDS)
    chosen: Image.Image | None = None
    for number in range(first, first + count):
        try:
            image.seek(number)
            image.load()
        except DAMAGE_ERRORS:  # the end of the animation, or of its undamaged part
            if chosen is None:
                raise
            break
        if choice.prefers(measure_contrast(_shrink(image))):
            chosen = image.copy()
        if choice.is_decided or limit.is_over:
            break
    assert chosen is not None  # the first picture is preferred to none
    return chosen


def _shrink(image: Image.Image) -> NDArray[np.uint8]:
    """Return a picture on black at the size of `measure_contrast`, `(36, 64, 3)`."""
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB").resize(SMALL_SIZE, Image.Resampling.BOX))
    small = np.asarray(image.convert("RGBA").resize(SMALL_SIZE, Image.Resampling.BOX))
    shown: NDArray[np.uint8] = (small[..., :3] * (small[..., 3:] / 255.0)).astype(np.uint8)
    return shown

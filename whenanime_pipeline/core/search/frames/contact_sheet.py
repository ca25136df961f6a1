"""Contact sheets: thumbnails of an episode's frames in one small picture."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.frames.stored_frames import FramesFile, read_picture

COLUMNS = 6
MAX_PICTURES = COLUMNS * 4
"""Most pictures of a sheet."""
_WIDTH = 120
"""Width of a thumbnail in pixels."""


def render_contact_sheet(frames: FramesFile) -> bytes:
    """Return evenly spaced stored frames as one JPEG of about 40 kB."""
    return render_sheet([read_picture(frames, frame) for frame in pick_evenly(len(frames))])


def pick_evenly(count: int) -> list[int]:
    """Return the indices of evenly spaced pictures out of `count`, with the first and the last."""
    chosen: list[int] = (
        np.linspace(0, count - 1, min(MAX_PICTURES, count)).round().astype(int).tolist()
    )
    return chosen


def render_sheet(pictures: Sequence[NDArray[np.uint8]], *, quality: int = 70) -> bytes:
    """Return pictures side by side, as one JPEG.

    Args:
        pictures: `(height, width, 3)` RGB each, of any size.
        quality: JPEG quality, 0 to 100.
    """
    height = round(_WIDTH * 9 / 16)
    rows = max(1, -(-len(pictures) // COLUMNS))
    sheet = np.zeros((rows * height, COLUMNS * _WIDTH, 3), np.uint8)
    for place, picture in enumerate(pictures):
        scale = min(_WIDTH / picture.shape[1], height / picture.shape[0])
        fitted = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = place // COLUMNS * height, place % COLUMNS * _WIDTH
        part = sheet[top : top + height, left : left + _WIDTH]
        part[: fitted.shape[0], : fitted.shape[1]] = fitted[:height, :_WIDTH]
    parameters = [cv2.IMWRITE_JPEG_QUALITY, quality]
    encoded: bytes = cv2.imencode(".jpg", sheet[..., ::-1], parameters)[1].tobytes()
    return encoded

"""Many stored frames on one small picture, for a person to look over an episode."""

import cv2
import numpy as np

from whenanime_pipeline.core.search.features import read_picture
from whenanime_pipeline.core.search.frames import FramesFile


def contact_sheet(
    frames: FramesFile, *, columns: int = 6, rows: int = 4, width: int = 120, quality: int = 70
) -> bytes:
    """Return frames spread evenly over an episode, as one JPEG of some 40 kB.

    Args:
        frames: the stored frames.
        columns: pictures across.
        rows: pictures down, at most.
        width: pixels of one picture.
        quality: of the JPEG, 0–100.
    """
    wanted = min(columns * rows, len(frames))
    chosen = np.linspace(0, len(frames) - 1, wanted).round().astype(int)
    height = round(width * 9 / 16)
    sheet = np.zeros((max(1, -(-wanted // columns)) * height, columns * width, 3), np.uint8)
    for place, frame in enumerate(chosen.tolist()):
        picture = read_picture(frames, frame)
        scale = min(width / picture.shape[1], height / picture.shape[0])
        fitted = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = place // columns * height, place % columns * width
        sheet[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    parameters = [cv2.IMWRITE_JPEG_QUALITY, quality]
    encoded: bytes = cv2.imencode(".jpg", sheet[..., ::-1], parameters)[1].tobytes()
    return encoded

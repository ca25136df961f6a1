"""All edits on one sheet, for people to look at."""

from collections.abc import Sequence

import cv2
import numpy as np

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import Picture, resize
from whenanime_pipeline.core.learning.shipped.screenshots.delivery import (
    encode_as_posted,
    upscale_as_watched,
)
from whenanime_pipeline.core.learning.shipped.screenshots.edits import EDITS

_CELL = (320, 240)
_NAME = 22
_COLUMNS = 4


def render_edit_sheet(frames: Sequence[Picture], seed: int) -> Picture:
    """Return a clean frame and one of each edit, side by side, with their names.

    Args:
        frames: RGB; the edits take turns with them.
        seed: of the edits; the same one gives the same sheet.
    """
    cells = []
    for number, name in enumerate(["clean", *EDITS]):
        rng = np.random.default_rng([seed, number])
        shown = upscale_as_watched(frames[number % len(frames)])
        edited = EDITS[name](shown, rng) if name in EDITS else shown
        cells.append(_cell(encode_as_posted(edited, rng), name))
    rows = [np.hstack(cells[start : start + _COLUMNS]) for start in range(0, len(cells), _COLUMNS)]
    return np.vstack(rows)


def _cell(picture: Picture, name: str) -> Picture:
    width, height = _CELL
    cell = np.full((height + _NAME, width, 3), 255, np.uint8)
    scale = min(width / picture.shape[1], height / picture.shape[0])
    small = resize(picture, round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    left, top = (width - small.shape[1]) // 2, _NAME + (height - small.shape[0]) // 2
    cell[top : top + small.shape[0], left : left + small.shape[1]] = small
    cv2.putText(cell, name, (4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return cell

"""Renders all edits on one sheet, for documentation."""

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
"""Width and height of a cell's picture, in pixels."""
_LABEL_HEIGHT = 22
_COLUMNS = 4


def render_edit_sheet(frames: Sequence[Picture], seed: int) -> Picture:
    """Return a clean frame and an example of each edit in a grid, labelled.

    Args:
        frames: RGB pictures, used in turn.
        seed: seed of the edits.

    Returns:
        RGB picture of the grid.
    """
    cells = []
    for number, name in enumerate(["clean", *EDITS]):
        rng = np.random.default_rng([seed, number])
        shown = upscale_as_watched(frames[number % len(frames)])
        edited = EDITS[name](shown, rng) if name in EDITS else shown
        cells.append(_render_cell(encode_as_posted(edited, rng), name))
    rows = [np.hstack(cells[start : start + _COLUMNS]) for start in range(0, len(cells), _COLUMNS)]
    return np.vstack(rows)


def _render_cell(picture: Picture, name: str) -> Picture:
    """Return a cell: the picture, fitted and centred, under its name."""
    width, height = _CELL
    cell = np.full((height + _LABEL_HEIGHT, width, 3), 255, np.uint8)
    scale = min(width / picture.shape[1], height / picture.shape[0])
    small = resize(picture, round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    left, top = (width - small.shape[1]) // 2, _LABEL_HEIGHT + (height - small.shape[0]) // 2
    cell[top : top + small.shape[0], left : left + small.shape[1]] = small
    cv2.putText(cell, name, (4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return cell

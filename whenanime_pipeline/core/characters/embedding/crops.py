"""Cuts faces out of pictures, the same way for training, labels and queries."""

import cv2
import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""
Picture = NDArray[np.uint8]
"""RGB `(height, width, 3)`."""

FACE_SIDE = 144
"""Side of a face crop in pixels."""
FACE_MARGIN = 0.1
"""Margin of a crop on each side of the face's box, as a share of its side. Tight crops name faces
better than whole heads."""


def cut_face(
    picture: Picture, box: Box, *, side: int = FACE_SIDE, margin: float = FACE_MARGIN
) -> Picture:
    """Cut a face out of a picture as a square around the box's centre.

    Args:
        picture: the whole picture.
        box: the face's box in pixels; may reach over the picture's edges, which are repeated.
        side: side of the crop in pixels.
        margin: as `FACE_MARGIN`.

    Returns:
        RGB `(side, side, 3)`; the shape in the picture is not stretched.

    Raises:
        ValueError: the box is empty or not finite.
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if not (np.isfinite(box).all() and width > 0 and height > 0):
        raise ValueError(f"the box {box} of a face is empty or not finite")
    wanted = (width + height) / 2 * (1 + 2 * margin)
    centre = (left + right) / 2, (top + bottom) / 2
    scale = side / wanted
    if scale < 0.5:  # a plain warp would skip pixels
        return _shrink(picture, centre, wanted, side)
    shift = [side / 2 - scale * centre[0] - 0.5 * (1 - scale), side / 2 - scale * centre[1]]
    shift[1] -= 0.5 * (1 - scale)
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    return _warp(picture, matrix, side)


def _shrink(picture: Picture, centre: tuple[float, float], wanted: float, side: int) -> Picture:
    """Cut at the picture's own size first, and average down."""
    size = max(1, round(wanted))
    matrix = np.array([[1, 0, size / 2 - centre[0]], [0, 1, size / 2 - centre[1]]], np.float64)
    own = _warp(picture, matrix, size)
    return np.asarray(cv2.resize(own, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _warp(picture: Picture, matrix: NDArray[np.float64], side: int) -> Picture:
    return np.asarray(
        cv2.warpAffine(
            picture, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )

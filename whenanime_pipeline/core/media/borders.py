"""Dark bars around a picture: letterbox, pillarbox, both. Pure; arrays in, arrays out."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

# What films are shown in: television, its wide successor, and the two shapes called 21:9.
_ASPECTS = (4 / 3, 16 / 9, 21 / 9, 2.39)
_TOLERANCE = 0.03  # relative: two or three rows of a 180-row picture either way
_DARK = 24  # gray levels of 255: black in full range is 0, in video range shown unscaled 16
_SPECKS = 0.01  # of a bar's row may be brighter: compression rings along the edge
_SPREAD = 4.0  # gray levels (standard deviation): a bar is flat, a night sky is not
_LEAST = 0.4  # of either side must be left, else it is not a frame of a film


def inside_borders(picture: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Find dark, flat bars on a picture of which what is left has the shape of a film.

    Args:
        picture: (h, w, 3) RGB.

    Returns:
        The rows and columns inside them; all when there are no bars, when it is all dark, or when
        what would be left is not close to 4:3, 16:9 or 21:9.
    """
    height, width = picture.shape[:2]
    red, green, blue = np.moveaxis(picture, 2, 0)
    gray = np.maximum(np.maximum(red, green), blue)  # a blue edge is dark in luma but no bar
    top, bottom = _bars(gray)
    left, right = _bars(gray[top : height - bottom].T)
    everything = slice(0, height), slice(0, width)
    if (top, bottom, left, right) == (0, 0, 0, 0):
        return everything
    best: tuple[float, tuple[slice, slice]] | None = None
    for vertical, horizontal in product((True, False), repeat=2):
        box = (
            slice(top, height - bottom) if vertical else everything[0],
            slice(left, width - right) if horizontal else everything[1],
        )
        inside = picture[box]
        if inside.shape == picture.shape or not _plausible(inside, picture):
            continue
        area = inside.shape[0] * inside.shape[1]
        if best is None or area < best[0]:
            best = area, box
    return everything if best is None else best[1]


def _bars(gray: NDArray[np.uint8]) -> tuple[int, int]:
    """Return how many dark, flat rows there are above and below; (0, 0) when all are."""
    if gray.size == 0:
        return 0, 0
    bright = np.count_nonzero(gray > _DARK, axis=1)
    levels = gray.astype(np.float32)
    means, squares = levels.mean(axis=1), np.einsum("ij,ij->i", levels, levels) / gray.shape[1]
    flat = (bright <= _SPECKS * gray.shape[1]) & (squares - means**2 <= _SPREAD**2)
    shown = np.flatnonzero(~flat)
    if len(shown) == 0:
        return 0, 0
    return int(shown[0]), int(len(flat) - 1 - shown[-1])


def _plausible(inside: NDArray[np.uint8], whole: NDArray[np.uint8]) -> bool:
    height, width = inside.shape[:2]
    if height < _LEAST * whole.shape[0] or width < _LEAST * whole.shape[1]:
        return False
    return any(abs(width / height / aspect - 1) <= _TOLERANCE for aspect in _ASPECTS)

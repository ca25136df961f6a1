"""Borders around a picture: bars of any colour, and the papers that captions are written on."""

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

_FILM_ASPECTS = (4 / 3, 16 / 9, 1.85, 21 / 9, 2.39)
"""What films are shown in: television, its wide successor, the cinema's two, and 21:9."""
_ASPECT_TOLERANCE = 0.03
"""Relative: two or three rows of a 180-row picture either way."""
_SAMPLED_WIDTH = 128
"""Pixels of a row that are looked at: enough to tell letters from a picture."""
_COLOUR_TOLERANCE = 12
"""Gray levels of any colour by which a pixel of a border may differ: compression leaves rings."""
_MAX_SPECK_SHARE = 0.015
"""Share of a row without words that may differ more."""
_MIN_PAPER_SHARE = 0.35
"""Share of a row with words that is paper still."""
_TEXT_MARGIN = 0.012
"""Share of a row at either end that no word reaches."""
_MAX_NESTED_BORDERS = 3
"""Borders around each other, at most: a caption, below it a bar."""
_MIN_SIDE_SHARE = 0.15
"""Share of either side that must be left, else it is no frame of a film."""


def find_content_area(picture: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Find borders of one colour, with or without words, around what has the shape of a film.

    Args:
        picture: RGB, `(height, width, 3)`.

    Returns:
        The rows and columns inside them; all when there are no borders, or when what would be left
        has no film's shape.
    """
    height, width = picture.shape[:2]
    best = slice(0, height), slice(0, width)
    if not picture.size:
        return best
    rows = _find_border_extents(_subsample(picture, min(width, _SAMPLED_WIDTH), height))
    inner = picture[rows[0][-1] : height - rows[1][-1]]
    turned = _subsample(inner, width, min(len(inner), _SAMPLED_WIDTH)).swapaxes(0, 1)
    columns = _find_border_extents(np.ascontiguousarray(turned))
    least = 1.0
    for top, bottom, left, right in product(*rows, *columns):
        tall, wide = height - top - bottom, width - left - right
        share = tall * wide / (height * width)
        if (
            share < least
            and min(tall / height, wide / width) >= _MIN_SIDE_SHARE
            and _is_film_aspect(wide / tall)
        ):
            least = share
            best = slice(top, height - bottom), slice(left, width - right)
    return best


def _subsample(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return some of the columns, or rows, of a picture."""
    result: NDArray[np.uint8] = cv2.resize(
        picture, (width, height), interpolation=cv2.INTER_NEAREST_EXACT
    )
    return result


def _find_border_extents(rows: NDArray[np.uint8]) -> tuple[Sequence[int], Sequence[int]]:
    """Return how many rows may be borders, above and below; nothing when all rows are."""
    above, below = _list_border_ends(rows), _list_border_ends(rows[::-1])
    return (above, below) if above[-1] + below[-1] < len(rows) else ([0], [0])


def _list_border_ends(rows: NDArray[np.uint8]) -> list[int]:
    """Return after how many rows from above a border may end, the least first."""
    ends = [0]
    for _ in range(_MAX_NESTED_BORDERS):
        flat, worded = _classify_border_rows(rows[ends[-1] :])
        if not flat[0]:
            break
        bar = _count_leading_true(flat)
        # Words stand between rows of paper.
        paper = max(
            bar, int(np.flatnonzero(flat[: _count_leading_true(worded)]).max(initial=-1)) + 1
        )
        ends.extend(sorted({ends[-1] + bar, ends[-1] + paper}))
        if ends[-1] >= len(rows):
            break
    return ends


def _classify_border_rows(rows: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which rows have the colour of the first, and which have it beside words at most."""
    colour = np.median(rows[0], axis=0)
    near = cv2.inRange(
        rows, colour - _COLOUR_TOLERANCE, colour + _COLOUR_TOLERANCE
    )  # 255 where it is
    shares = near.mean(axis=1) / 255
    margin = max(1, round(_TEXT_MARGIN * rows.shape[1]))
    beside = near[:, :margin].all(axis=1) & near[:, -margin:].all(axis=1)
    return shares >= 1 - _MAX_SPECK_SHARE, (shares >= _MIN_PAPER_SHARE) & beside


def _count_leading_true(flags: NDArray[np.bool_]) -> int:
    """Return how many there are before the first that is not."""
    return len(flags) if flags.all() else int(np.argmin(flags))


def _is_film_aspect(aspect: float) -> bool:
    return any(abs(aspect / shape - 1) <= _ASPECT_TOLERANCE for shape in _FILM_ASPECTS)

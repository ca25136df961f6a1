"""Finds borders around a picture: bars of any colour and caption areas with text."""

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

_FILM_ASPECTS = (4 / 3, 16 / 9, 1.85, 21 / 9, 2.39)
"""Aspect ratios of films: 4:3 and 16:9 television, the two of cinema, and 21:9."""
_ASPECT_TOLERANCE = 0.03
"""Relative: two or three rows of a 180-row picture either way."""
_SAMPLED_WIDTH = 128
"""Pixels sampled from a row: enough to distinguish letters from a picture."""
_COLOUR_TOLERANCE = 12
"""Levels per channel by which a border pixel may differ: compression leaves rings."""
_MAX_SPECK_SHARE = 0.015
"""Maximum share of pixels with another colour in a row without text."""
_MIN_CAPTION_SHARE = 0.35
"""Minimum share of background pixels in a row with text."""
_TEXT_MARGIN = 0.012
"""Share of a row at either end that text never reaches."""
_MAX_NESTED_BORDERS = 3
"""Maximum number of nested borders: a caption with a bar below it."""
_MIN_SIDE_SHARE = 0.15
"""Minimum share of either side that the content must keep to count as a film frame."""


def find_content_area(picture: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Find the film-shaped area inside borders of one colour, with or without text.

    Args:
        picture: RGB, `(height, width, 3)`.

    Returns:
        Rows and columns of the smallest such area; of the whole picture when it has no borders or
        no area inside them has a film's aspect ratio.
    """
    height, width = picture.shape[:2]
    best = slice(0, height), slice(0, width)
    if not picture.size:
        return best
    rows = _find_border_extents(_subsample(picture, min(width, _SAMPLED_WIDTH), height))
    inner = picture[rows[0][-1] : height - rows[1][-1]]
    transposed = _subsample(inner, width, min(len(inner), _SAMPLED_WIDTH)).swapaxes(0, 1)
    columns = _find_border_extents(np.ascontiguousarray(transposed))
    smallest = 1.0
    for top, bottom, left, right in product(*rows, *columns):
        tall, wide = height - top - bottom, width - left - right
        share = tall * wide / (height * width)
        if (
            share < smallest
            and min(tall / height, wide / width) >= _MIN_SIDE_SHARE
            and _is_film_aspect(wide / tall)
        ):
            smallest = share
            best = slice(top, height - bottom), slice(left, width - right)
    return best


def _subsample(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return a picture with fewer columns or rows, without interpolation."""
    result: NDArray[np.uint8] = cv2.resize(
        picture, (width, height), interpolation=cv2.INTER_NEAREST_EXACT
    )
    return result


def _find_border_extents(rows: NDArray[np.uint8]) -> tuple[Sequence[int], Sequence[int]]:
    """Return candidate border heights above and below; only 0 when they would cover all rows."""
    above, below = _list_border_ends(rows), _list_border_ends(rows[::-1])
    return (above, below) if above[-1] + below[-1] < len(rows) else ([0], [0])


def _list_border_ends(rows: NDArray[np.uint8]) -> list[int]:
    """Return candidate heights of the border above, ascending, beginning with 0."""
    ends = [0]
    for _ in range(_MAX_NESTED_BORDERS):
        flat, with_text = _classify_border_rows(rows[ends[-1] :])
        if not flat[0]:
            break
        bar = _count_leading_true(flat)
        # A caption ends with a plain row: text stands between plain rows.
        caption = max(
            bar, int(np.flatnonzero(flat[: _count_leading_true(with_text)]).max(initial=-1)) + 1
        )
        ends.extend(sorted({ends[-1] + bar, ends[-1] + caption}))
        if ends[-1] >= len(rows):
            break
    return ends


def _classify_border_rows(rows: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows have only the first row's colour, and which may hold text on it."""
    colour = np.median(rows[0], axis=0)
    near = cv2.inRange(
        rows, colour - _COLOUR_TOLERANCE, colour + _COLOUR_TOLERANCE
    )  # 255 where the colour matches
    shares = near.mean(axis=1) / 255
    margin = max(1, round(_TEXT_MARGIN * rows.shape[1]))
    clear_margins = near[:, :margin].all(axis=1) & near[:, -margin:].all(axis=1)
    return shares >= 1 - _MAX_SPECK_SHARE, (shares >= _MIN_CAPTION_SHARE) & clear_margins


def _count_leading_true(flags: NDArray[np.bool_]) -> int:
    """Return the number of leading true values."""
    return len(flags) if flags.all() else int(np.argmin(flags))


def _is_film_aspect(aspect: float) -> bool:
    return any(abs(aspect / shape - 1) <= _ASPECT_TOLERANCE for shape in _FILM_ASPECTS)

"""Bars and captions are cropped when a film-shaped area remains, and only then."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenanime_pipeline.core.media.borders import find_content_area


def film(width: int, height: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(7)
    return rng.integers(30, 256, (height, width, 3), dtype=np.uint8)


def add_border(
    picture: NDArray[np.uint8], rows: int, columns: int, level: int = 0
) -> NDArray[np.uint8]:
    margins = ((rows, rows), (columns, columns), (0, 0))
    return np.pad(picture, margins, constant_values=level)


def crop_borders(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return picture[find_content_area(picture)]


@pytest.mark.parametrize(
    ("size", "rows", "columns"),
    [
        ((640, 360), 60, 0),  # 16:9 in 4:3
        ((480, 360), 0, 80),  # 4:3 in 16:9
        ((640, 274), 43, 0),  # 21:9 in 16:9
        ((640, 268), 46, 0),  # 2.39:1 in 16:9
        ((320, 180), 40, 70),  # all around
    ],
)
@pytest.mark.parametrize("level", [0, 16, 90, 255])
def test_bars_are_cropped(size: tuple[int, int], rows: int, columns: int, level: int) -> None:
    inside = film(*size)
    np.testing.assert_array_equal(crop_borders(add_border(inside, rows, columns, level)), inside)


def test_compression_noise_in_bars_is_tolerated() -> None:
    inside = film(640, 360)
    whole = add_border(inside, 60, 0)
    whole[:60] = np.random.default_rng(0).integers(0, 9, (60, 640, 3))
    np.testing.assert_array_equal(crop_borders(whole), inside)


def draw_caption(rows: int, width: int, level: int) -> NDArray[np.uint8]:
    """Return a plain area with two lines of letters in the middle."""
    caption = np.full((rows, width, 3), level, np.uint8)
    for line in (rows // 4, rows * 5 // 8):
        caption[line : line + rows // 8, width // 10 : -width // 10 : 3] = 255 - level
    return caption


@pytest.mark.parametrize("level", [0, 50, 255])
@pytest.mark.parametrize(("above", "below"), [(120, 0), (0, 90), (80, 130)])
def test_captions_are_cropped_with_their_text(level: int, above: int, below: int) -> None:
    inside = film(640, 360)
    captions = [draw_caption(rows, 640, level) if rows else inside[:0] for rows in (above, below)]
    np.testing.assert_array_equal(
        crop_borders(np.vstack([captions[0], inside, captions[1]])), inside
    )


def test_caption_is_cropped_with_the_bar_below_it() -> None:
    inside = film(640, 360)
    whole = np.vstack([draw_caption(90, 640, 255), np.zeros((60, 640, 3), np.uint8), inside])
    np.testing.assert_array_equal(crop_borders(whole), inside)


def test_text_on_the_picture_is_no_border() -> None:
    picture = film(640, 360)
    picture[300:330, 100:-100:3] = 255
    assert crop_borders(picture).shape == picture.shape


@pytest.mark.parametrize(
    "whole",
    [
        film(640, 360),
        np.zeros((360, 640, 3), np.uint8),
        np.full((360, 640, 3), 16, np.uint8),
        add_border(film(500, 100), 130, 70),  # the rest has no film aspect ratio
        add_border(film(64, 36), 162, 288),  # a small light in the dark
        np.zeros((1, 1, 3), np.uint8),
    ],
)
def test_pictures_without_borders_are_unchanged(whole: NDArray[np.uint8]) -> None:
    assert crop_borders(whole).shape == whole.shape


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 40), st.integers(0, 40))
def test_crop_is_never_empty(width: int, height: int, rows: int, columns: int) -> None:
    cropped = crop_borders(add_border(film(width, height), rows, columns))
    assert cropped.size >= 3

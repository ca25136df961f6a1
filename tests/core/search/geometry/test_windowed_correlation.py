"""Windowed correlation separates pictures under changes of light, and ignores flat areas."""

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.geometry.overlap import Overlap
from whenanime_pipeline.core.search.geometry.windowed_correlation import (
    compute_windowed_correlation,
)


@cache
def _gray(seed: int) -> NDArray[np.uint8]:
    gray: NDArray[np.uint8] = cv2.cvtColor(draw_random_picture(seed, (64, 36)), cv2.COLOR_RGB2GRAY)
    gray.setflags(write=False)
    return gray


def _query(seed: int) -> NDArray[np.float32]:
    return _gray(seed).astype(np.float32)


def _correlate(
    query: NDArray[np.float32], reference: NDArray[np.uint8], valid_mask: NDArray[np.uint8] | None
) -> float:
    return compute_windowed_correlation(Overlap.from_images(query, reference, valid_mask))


@given(gain=st.floats(0.5, 2), lift=st.floats(-90, 90), slope=st.floats(-1, 1))
def test_gain_bias_and_gradients_keep_the_correlation(
    gain: float, lift: float, slope: float
) -> None:
    across = np.linspace(0, slope * 60, 64, dtype=np.float32)
    lit = _query(4) * np.float32(gain) + np.float32(lift) + across
    assert _correlate(lit, _gray(4), None) > 0.75
    assert _correlate(lit, _gray(5), None) < 0.4


def test_flat_pictures_do_not_correlate() -> None:
    flat = np.full((36, 64), 90, np.uint8)
    assert _correlate(flat.astype(np.float32), flat, None) == 0
    assert _correlate(_query(4), flat, None) == pytest.approx(0, abs=1e-3)


def test_an_inverted_picture_correlates_negatively() -> None:
    assert _correlate(255 - _query(4), _gray(4), None) < -0.75


def test_pixels_outside_the_mask_are_ignored() -> None:
    valid_mask = np.zeros((36, 64), np.uint8)
    valid_mask[9:27, 16:48] = 1
    mixed = np.where(valid_mask == 1, _gray(4), _gray(5))
    assert _correlate(_query(4), mixed, valid_mask) == pytest.approx(
        _correlate(_query(4), _gray(4), valid_mask), abs=1e-5
    )
    assert _correlate(_query(4), mixed, None) < _correlate(_query(4), mixed, valid_mask)


def test_a_thin_strip_can_be_compared() -> None:
    assert _correlate(_query(4)[:2], _gray(4)[:2], None) > 0.5

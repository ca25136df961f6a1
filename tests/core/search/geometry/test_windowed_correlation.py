"""Lines tell pictures apart in whatever light; what shows nothing tells nothing."""

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


def _asked(seed: int) -> NDArray[np.float32]:
    return _gray(seed).astype(np.float32)


def _structure(
    asked: NDArray[np.float32], stored: NDArray[np.uint8], inside: NDArray[np.uint8] | None
) -> float:
    return compute_windowed_correlation(Overlap.from_images(asked, stored, inside))


@given(gain=st.floats(0.5, 2), lift=st.floats(-90, 90), slope=st.floats(-1, 1))
def test_light_changes_nothing(gain: float, lift: float, slope: float) -> None:
    across = np.linspace(0, slope * 60, 64, dtype=np.float32)
    lit = _asked(4) * np.float32(gain) + np.float32(lift) + across
    assert _structure(lit, _gray(4), None) > 0.75
    assert _structure(lit, _gray(5), None) < 0.4


def test_flat_pictures_have_nothing_in_common() -> None:
    flat = np.full((36, 64), 90, np.uint8)
    assert _structure(flat.astype(np.float32), flat, None) == 0
    assert _structure(_asked(4), flat, None) == pytest.approx(0, abs=1e-3)


def test_a_negative_is_the_opposite() -> None:
    assert _structure(255 - _asked(4), _gray(4), None) < -0.75


def test_what_is_beside_counts_for_nothing() -> None:
    inside = np.zeros((36, 64), np.uint8)
    inside[9:27, 16:48] = 1
    mixed = np.where(inside == 1, _gray(4), _gray(5))
    assert _structure(_asked(4), mixed, inside) == pytest.approx(
        _structure(_asked(4), _gray(4), inside), abs=1e-5
    )
    assert _structure(_asked(4), mixed, None) < _structure(_asked(4), mixed, inside)


def test_a_thin_strip_can_be_compared() -> None:
    assert _structure(_asked(4)[:2], _gray(4)[:2], None) > 0.5

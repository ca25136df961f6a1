"""Fitting tones over a part of two pictures is fitting them over that part's pixels alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.tones import TYPICAL, compared


def _noise(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(40, 200, (36, 64)).astype(np.uint8)


def test_equal_pictures_differ_in_nothing() -> None:
    residual, correlation, contrast = compared(_noise(1).astype(np.float32), _noise(1), None)
    assert residual == pytest.approx(0, abs=1e-3)
    assert correlation == pytest.approx(1, abs=1e-3)
    assert contrast == pytest.approx(float(_noise(1).std()), rel=1e-3)


def test_other_tones_are_fitted() -> None:
    residual, correlation, contrast = compared(_noise(1) * np.float32(0.5) + 30, _noise(1), None)
    assert residual == pytest.approx(0, abs=1e-3)
    assert correlation == pytest.approx(1, abs=1e-3)
    assert contrast == pytest.approx(float(_noise(1).std()) / 2, rel=1e-3)


def test_one_offset_without_contrast_is_what_it_costs() -> None:
    """Nothing is fitted to a flat picture but its brightness; what stays off counts by its log."""
    flat = np.full((36, 64), 100, np.uint8)
    asked = flat.astype(np.float32)
    asked[:, ::2] += TYPICAL
    asked[:, 1::2] -= TYPICAL
    residual, _, contrast = compared(asked, flat, None)
    assert residual == pytest.approx(np.log(2), rel=1e-3)
    assert contrast == 0


def test_what_is_beside_counts_for_nothing() -> None:
    inside = np.zeros((36, 64), np.uint8)
    inside[5:30, 10:50] = 1
    asked, stored = _noise(1).astype(np.float32), _noise(1) // 2 + _noise(2) // 4
    part = compared(asked[5:30, 10:50], stored[5:30, 10:50], None)
    assert compared(asked, stored, inside) == pytest.approx(part, rel=1e-3)
    assert compared(asked, stored, None) != pytest.approx(part, rel=1e-3)

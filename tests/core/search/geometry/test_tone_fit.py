"""Fitting tones over a part of two pictures is fitting them over that part's pixels alone."""

from dataclasses import astuple

import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.overlap import TYPICAL_DIFFERENCE, Overlap
from whenanime_pipeline.core.search.geometry.tone_fit import PhotometricFit, fit_gain_bias


def _noise(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(40, 200, (36, 64)).astype(np.uint8)


def _compared(
    asked: NDArray[np.float32], stored: NDArray[np.uint8], inside: NDArray[np.uint8] | None
) -> PhotometricFit:
    return fit_gain_bias(Overlap.from_images(asked, stored, inside))


def test_equal_pictures_differ_in_nothing() -> None:
    found = _compared(_noise(1).astype(np.float32), _noise(1), None)
    assert found.residual == pytest.approx(0, abs=1e-3)
    assert found.correlation == pytest.approx(1, abs=1e-3)
    assert found.contrast == pytest.approx(float(_noise(1).std()), rel=1e-3)
    assert found.photometric_penalty == pytest.approx(0, abs=1e-3)


def test_other_tones_are_fitted() -> None:
    found = _compared(_noise(1) * np.float32(0.5) + 30, _noise(1), None)
    assert found.residual == pytest.approx(0, abs=1e-3)
    assert found.correlation == pytest.approx(1, abs=1e-3)
    assert found.contrast == pytest.approx(float(_noise(1).std()) / 2, rel=1e-3)


def test_tone_changes_are_measured_in_typical_differences() -> None:
    """One brighter by as much as two pictures typically differ counts as much as that."""
    brighter = _compared(_noise(1) + np.float32(TYPICAL_DIFFERENCE), _noise(1), None)
    assert brighter.photometric_penalty == pytest.approx(np.log(2), rel=1e-3)
    spread = float(_noise(1).std())
    stretched = _compared(
        (_noise(1) - _noise(1).mean()).astype(np.float32) * 2 + 100, _noise(1), None
    )
    moved = (100 - float(_noise(1).mean())) ** 2
    assert stretched.photometric_penalty == pytest.approx(
        np.log1p((spread**2 + moved) / TYPICAL_DIFFERENCE**2), rel=0.01
    )


def test_one_offset_without_contrast_is_what_it_costs() -> None:
    """Nothing is fitted to a flat picture but its brightness; what stays off counts by its log."""
    flat = np.full((36, 64), 100, np.uint8)
    asked = flat.astype(np.float32)
    asked[:, ::2] += TYPICAL_DIFFERENCE
    asked[:, 1::2] -= TYPICAL_DIFFERENCE
    found = _compared(asked, flat, None)
    assert found.residual == pytest.approx(np.log(2), rel=1e-3)
    assert found.contrast == 0


def test_what_is_outside_counts_for_nothing() -> None:
    inside = np.zeros((36, 64), np.uint8)
    inside[5:30, 10:50] = 1
    asked, stored = _noise(1).astype(np.float32), _noise(1) // 2 + _noise(2) // 4
    part = astuple(_compared(asked[5:30, 10:50], stored[5:30, 10:50], None))
    assert astuple(_compared(asked, stored, inside)) == pytest.approx(part, rel=1e-3)
    assert astuple(_compared(asked, stored, None)) != pytest.approx(part, rel=1e-3)

"""Gain and bias are fitted, and only the valid pixels count."""

from dataclasses import astuple

import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.overlap import TYPICAL_DIFFERENCE, Overlap
from whenanime_pipeline.core.search.geometry.tone_fit import PhotometricFit, fit_gain_bias


def _noise(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(40, 200, (36, 64)).astype(np.uint8)


def _fit(
    query: NDArray[np.float32], reference: NDArray[np.uint8], valid_mask: NDArray[np.uint8] | None
) -> PhotometricFit:
    return fit_gain_bias(Overlap.from_images(query, reference, valid_mask))


def test_equal_pictures_have_no_residual() -> None:
    found = _fit(_noise(1).astype(np.float32), _noise(1), None)
    assert found.residual == pytest.approx(0, abs=1e-3)
    assert found.correlation == pytest.approx(1, abs=1e-3)
    assert found.contrast == pytest.approx(float(_noise(1).std()), rel=1e-3)
    assert found.photometric_penalty == pytest.approx(0, abs=1e-3)


def test_a_change_of_gain_and_bias_leaves_no_residual() -> None:
    found = _fit(_noise(1) * np.float32(0.5) + 30, _noise(1), None)
    assert found.residual == pytest.approx(0, abs=1e-3)
    assert found.correlation == pytest.approx(1, abs=1e-3)
    assert found.contrast == pytest.approx(float(_noise(1).std()) / 2, rel=1e-3)


def test_the_photometric_penalty_is_in_typical_differences() -> None:
    """A change by the typical difference costs log(2)."""
    brighter = _fit(_noise(1) + np.float32(TYPICAL_DIFFERENCE), _noise(1), None)
    assert brighter.photometric_penalty == pytest.approx(np.log(2), rel=1e-3)
    spread = float(_noise(1).std())
    stretched = _fit((_noise(1) - _noise(1).mean()).astype(np.float32) * 2 + 100, _noise(1), None)
    moved = (100 - float(_noise(1).mean())) ** 2
    assert stretched.photometric_penalty == pytest.approx(
        np.log1p((spread**2 + moved) / TYPICAL_DIFFERENCE**2), rel=0.01
    )


def test_differences_from_a_flat_picture_remain_as_residual() -> None:
    """Only a bias can be fitted to a flat picture; the remaining difference is the residual."""
    flat = np.full((36, 64), 100, np.uint8)
    query = flat.astype(np.float32)
    query[:, ::2] += TYPICAL_DIFFERENCE
    query[:, 1::2] -= TYPICAL_DIFFERENCE
    found = _fit(query, flat, None)
    assert found.residual == pytest.approx(np.log(2), rel=1e-3)
    assert found.contrast == 0


def test_pixels_outside_the_mask_are_ignored() -> None:
    valid_mask = np.zeros((36, 64), np.uint8)
    valid_mask[5:30, 10:50] = 1
    query, reference = _noise(1).astype(np.float32), _noise(1) // 2 + _noise(2) // 4
    part = astuple(_fit(query[5:30, 10:50], reference[5:30, 10:50], None))
    assert astuple(_fit(query, reference, valid_mask)) == pytest.approx(part, rel=1e-3)
    assert astuple(_fit(query, reference, None)) != pytest.approx(part, rel=1e-3)

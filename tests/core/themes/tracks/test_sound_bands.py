"""Energies of bands: where rows lie, what they say, and that blocks leave no trace."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.tracks.episode_tracks import FINE_HOP, SOUND_HOP
from whenanime_pipeline.core.themes.tracks.sound_bands import (
    BANDS,
    FINE_BANDS,
    HIGHEST,
    LOWEST,
    SOUND_RATE,
    compute_bands,
)


def _tone(seconds: float, hertz: float, level: float = 0.5) -> NDArray[np.float32]:
    at = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    return (level * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def _noise(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    count = round(seconds * SOUND_RATE)
    return np.random.default_rng(seed).normal(0, 0.1, count).astype(np.float32)


def test_there_is_a_row_for_every_multiple_of_a_hop() -> None:
    found = compute_bands([_noise(6.0)])
    assert found.bands.shape == (50, BANDS)
    assert found.fine.shape == (188, FINE_BANDS)
    assert found.loudness.shape == found.is_missing.shape == (50,)
    assert not found.is_missing.any()
    assert compute_bands([]).bands.shape == (0, BANDS)


@pytest.mark.parametrize("second", [1.0, 1.5, 2.52, 3.333])
def test_rows_are_centred_on_their_seconds(second: float) -> None:
    sound = np.zeros(5 * SOUND_RATE, np.float32)
    sound[round(second * SOUND_RATE)] = 1
    found = compute_bands([sound])
    for rows, hop in ((found.bands, SOUND_HOP), (found.fine, FINE_HOP)):
        # An impulse's amplitude in a row is the window's there, and so symmetrical around it.
        amplitude = np.sqrt(np.maximum(10 ** (rows / 10) - 1e-10, 0).sum(axis=1))
        seconds = np.arange(len(rows)) * hop
        assert np.average(seconds, weights=amplitude) == pytest.approx(second, abs=0.01)


@pytest.mark.parametrize("hertz", [250.0, 440.0, 1000.0, 3000.0])
def test_a_tone_has_its_power_in_its_band(hertz: float) -> None:
    found = compute_bands([_tone(4, hertz)])
    for rows, count in ((found.bands, BANDS), (found.fine, FINE_BANDS)):
        band = int(np.log(hertz / LOWEST) / np.log(HIGHEST / LOWEST) * count)
        middle = 10 ** (rows[len(rows) // 2].astype(float) / 10)
        assert int(middle.argmax()) == pytest.approx(band, abs=1)
        assert 10 * np.log10(middle.sum()) == pytest.approx(10 * np.log10(0.125), abs=0.3)
    assert found.loudness[10] == pytest.approx(10 * np.log10(0.125), abs=0.1)


def test_silence_is_the_floor_and_not_missing() -> None:
    found = compute_bands([np.zeros(2 * SOUND_RATE, np.float32)])
    assert found.bands.max() == found.bands.min() == pytest.approx(-100, abs=0.01)
    assert not found.is_missing.any()


def test_rows_around_what_could_not_be_decoded_are_missing() -> None:
    sound = _noise(6.0)
    sound[round(1.8 * SOUND_RATE) : round(3.6 * SOUND_RATE)] = np.nan
    found = compute_bands([sound])
    assert np.isfinite(found.bands).all()
    assert np.isfinite(found.loudness).all()
    assert np.flatnonzero(found.is_missing) * SOUND_HOP == pytest.approx(
        np.arange(15, 31) * SOUND_HOP
    )


def test_memory_does_not_grow_with_the_film() -> None:
    minute = _noise(60)
    compute_bands([minute])
    tracemalloc.start()
    try:
        found = compute_bands(minute for _ in range(40))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    arrays = found.bands, found.fine, found.loudness, found.is_missing
    assert peak - 2 * sum(array.nbytes for array in arrays) < 15e6  # the samples are 77 MB


@settings(max_examples=30, deadline=None)
@given(
    seconds=st.floats(0, 20),
    cuts=st.lists(st.integers(0, 20 * SOUND_RATE), max_size=8),
    seed=st.integers(0, 9),
)
def test_blocks_leave_no_trace(seconds: float, cuts: list[int], seed: int) -> None:
    sound = _noise(seconds, seed)
    sound[len(sound) // 3 : len(sound) // 2] = np.nan
    whole = compute_bands([sound])
    parted = compute_bands(np.split(sound, sorted(cuts)))
    np.testing.assert_allclose(parted.bands, whole.bands, atol=1e-3)
    np.testing.assert_allclose(parted.fine, whole.fine, atol=1e-3)
    np.testing.assert_array_equal(parted.loudness, whole.loudness)
    np.testing.assert_array_equal(parted.is_missing, whole.is_missing)

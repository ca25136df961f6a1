"""Numbers a second that tell music from talk and from silence, out of a sound track."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.tagger.repetition import find_likeness_elsewhere
from whenanime_pipeline.core.themes.tagger.second_grid import (
    SecondGrid,
    Seconds,
    Values,
    seconds_since,
    sides,
    smooth,
)
from whenanime_pipeline.core.themes.tracks.episode_tracks import FINE_HOP, SOUND_HOP, SoundTrack

GROUPS = 5
"""Groups of neighbouring bands, each a feature."""
SOUND_NAMES = (
    "loudness", "change of loudness", "range of loudness", "quiet share", "flux", "tonality",
    *(f"band group {group}" for group in range(GROUPS)),
    "sustain", "beat", "steady beat", "since silence", "until silence",
    "novelty 6", "novelty 20", "sound elsewhere",
)  # fmt: skip
_BEAT_WINDOW = 256
"""Rows of fine bands in which a beat is sought: 8 s, four beats of the slowest music."""
_BEAT_LAGS = (9, 40)
"""Rows between beats: 0.29 to 1.28 s, 47 to 208 a minute."""
_SILENCE = 30.0
"""Decibels below an episode's loud parts at which a second counts as silent."""
_QUIET = 20.0
"""Decibels below the loud parts at which a row counts as a pause of talk."""
_LIMIT = 90.0
"""Largest distance in seconds from a silence."""


def compute_sound_features(track: SoundTrack, grid: SecondGrid) -> tuple[Values, NDArray[np.bool_]]:
    """Return what is heard in each second.

    Args:
        track: sound of the episode.
        grid: seconds to describe.

    Returns:
        `(cells, len(SOUND_NAMES))` values, about from -3 to 3, and `(cells,)` whether anything was
        heard there at all; values elsewhere are 0.
    """
    times: Seconds = np.arange(len(track.bands), dtype=np.float64) * SOUND_HOP
    heard = ~track.is_missing
    is_known = grid.count(times[heard]) >= 2  # of about eight rows
    if heard.sum() < 2 or not is_known.any():
        return np.zeros((grid.cells, len(SOUND_NAMES)), np.float32), np.zeros(grid.cells, bool)
    levels = _describe_levels(track.loudness, heard, times, grid)
    shape = track.bands - track.bands.mean(1, keepdims=True)
    shapes = grid.mean(times[heard], shape[heard])
    shapes -= np.median(shapes[is_known], 0).astype(np.float32)
    parts = np.array_split(shapes, GROUPS, axis=1)
    groups = np.stack([part.mean(1) / 8 for part in parts], 1).astype(np.float32)
    flux, tonality = _describe_spectrum(track.bands, shape, heard, times, grid)
    beat = _find_beat(track, grid)
    sounds = np.concatenate([groups, levels[:, :2], flux[:, None], tonality[:, None]], 1)
    columns: list[Values] = [
        levels, flux[:, None], tonality[:, None], groups, _measure_sustain(shapes)[:, None],
        beat[:, None], smooth(beat, 15)[:, None], _measure_silence(levels[:, 0]),
        _measure_novelty(sounds, 6)[:, None], _measure_novelty(sounds, 20)[:, None],
        find_likeness_elsewhere(shapes, is_known, context=5, apart=30)[:, None],
    ]  # fmt: skip
    values: Values = np.concatenate(columns, 1)
    values[~is_known] = 0
    return np.clip(values, -4, 4).astype(np.float32), is_known


def _describe_levels(
    loudness: Values, heard: NDArray[np.bool_], times: Seconds, grid: SecondGrid
) -> Values:
    """Return loudness, its change within the second, its range over 9 s and its quiet share."""
    loud = float(np.percentile(loudness[heard], 90))
    relative = np.maximum(loudness[heard] - loud, -60).astype(np.float32)
    at = times[heard]
    mean = grid.mean(at, relative, -60.0)
    square = grid.mean(at, relative**2, 3600.0)
    within = np.sqrt(np.maximum(0, square - mean**2))
    around = np.sqrt(np.maximum(0, smooth(square, 9) - smooth(mean, 9) ** 2))
    quiet = smooth(grid.mean(at, (relative < -_QUIET).astype(np.float32), 1.0), 5)
    return np.stack([mean / 10 + 1, within / 5, around / 8, quiet * 2], 1).astype(np.float32)


def _describe_spectrum(
    bands: Values,
    shape: Values,
    heard: NDArray[np.bool_],
    times: Seconds,
    grid: SecondGrid,
) -> tuple[Values, Values]:
    """Return how fast the spectrum changes, and how far single bands stand out of it."""
    flux = np.zeros(len(bands), np.float32)
    flux[1:] = np.abs(np.diff(shape, axis=0)).mean(1)
    kernel = 5
    padded = np.pad(shape, ((0, 0), (kernel // 2, kernel // 2)), mode="edge")
    total = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), 1)
    around = (total[:, kernel:] - total[:, :-kernel]) / kernel
    peaks = np.asarray((shape - around).std(1), np.float32)
    at = times[heard]
    rate, height = grid.mean(at, flux[heard]), grid.mean(at, peaks[heard])
    return (rate / 3 - 1).astype(np.float32), (height / 4 - 1).astype(np.float32)


def _measure_sustain(shapes: Values) -> Values:
    """Return how alike the spectra of following seconds are, over 5 s: chords are held."""
    unit = shapes / np.maximum(np.linalg.norm(shapes, axis=1, keepdims=True), 1e-3)
    alike = np.zeros(len(shapes), np.float32)
    alike[1:] = (unit[1:] * unit[:-1]).sum(1)
    return smooth(alike, 5)


def _find_beat(track: SoundTrack, grid: SecondGrid) -> Values:
    """Return how regularly sounds set in around each second, from 0 to about 1.

    The highest autocorrelation of the onsets among the lags of a beat, as in tempo induction
    (Scheirer 1998), here of all bands together.
    """
    rise = np.maximum(0, np.diff(track.fine, axis=0)).mean(1) if len(track.fine) > 1 else None
    if rise is None or len(rise) < _BEAT_WINDOW:
        return np.zeros(grid.cells, np.float32)
    starts = np.arange(0, len(rise) - _BEAT_WINDOW + 1, round(1 / FINE_HOP))
    windows = np.lib.stride_tricks.sliding_window_view(rise, _BEAT_WINDOW)[starts]
    windows = windows - windows.mean(1, keepdims=True)
    spectra = np.fft.rfft(windows, 2 * _BEAT_WINDOW)
    correlation = np.fft.irfft(np.abs(spectra) ** 2)[:, :_BEAT_WINDOW]
    # Fewer rows overlap at a long lag; without this, short lags would always win.
    correlation *= _BEAT_WINDOW / (_BEAT_WINDOW - np.arange(_BEAT_WINDOW))
    regular = correlation[:, slice(*_BEAT_LAGS)].max(1) / np.maximum(correlation[:, 0], 1e-6)
    centres = (starts + _BEAT_WINDOW / 2) * FINE_HOP
    found = np.interp(grid.centres, centres, regular)
    return np.asarray(found * 2, np.float32)


def _measure_silence(loudness: Values) -> Values:
    """Return `(cells, 2)`: how long ago the last silence was, and how far the next one is."""
    silent = (loudness - 1) * 10 < -_SILENCE
    since = seconds_since(silent, limit=_LIMIT)
    until = seconds_since(silent[::-1], limit=_LIMIT)[::-1]
    return np.asarray(np.log1p(np.stack([since, until], 1)) / 2, np.float32)


def _measure_novelty(values: Values, seconds: int) -> Values:
    """Return the distance between the sound before and after each second."""
    before, after = sides(values, seconds)
    return np.asarray(np.linalg.norm(after - before, axis=1), np.float32)

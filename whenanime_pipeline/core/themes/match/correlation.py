"""Finds the offsets at which two episodes agree, all at once, by cross-correlation.

By the convolution theorem one inverse FFT a pair gives the sum of all rows' likenesses at every
offset; the spectra of an episode are computed once for all its partners.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.match.features import HOP, EpisodeFeatures, Rows

_LEAST_SCORE = 5.0
"""Robust standard deviations above the other offsets from which an offset is looked into."""
_PEAKS = 6
"""Offsets looked into, of each modality."""
_APART = round(0.4 / HOP)
"""Rows that two offsets are apart at least."""


@dataclass(frozen=True, slots=True)
class Spectra:
    """Spectra of an episode's features.

    Attributes:
        size: length of the transform in rows, at least twice the longest episode.
        rows: rows of the features.
        sound: `(size // 2 + 1, bands)` complex64; None without sound.
        pictures: `(size // 2 + 1, components)` complex64; None without pictures.
    """

    size: int
    rows: int
    sound: NDArray[np.complex64] | None
    pictures: NDArray[np.complex64] | None


def choose_size(rows: int) -> int:
    """Return the length of the transform for episodes of up to some rows."""
    least = 2 * rows
    sizes = [base << shift for base in (1, 3, 5, 9, 15) for shift in range(4, 26)]
    return min(size for size in sizes if size >= least)


def compute_spectra(features: EpisodeFeatures, size: int) -> Spectra:
    """Return the spectra of an episode.

    Args:
        features: of the episode.
        size: length of the transform, from `choose_size`.
    """

    def transform(rows: Rows | None) -> NDArray[np.complex64] | None:
        return None if rows is None else np.fft.rfft(rows.values, size, 0).astype(np.complex64)

    return Spectra(size, len(features), transform(features.sound), transform(features.pictures))


def find_offsets(first: Spectra, second: Spectra) -> list[int]:
    """Return the offsets at which two episodes agree far more than elsewhere.

    Args:
        first: spectra of an episode.
        second: spectra of its partner, of the same size.

    Returns:
        Rows to add to a row of the first to find the row of the second, the best of each modality
        first.
    """
    found: list[int] = []
    for one, other in ((first.sound, second.sound), (first.pictures, second.pictures)):
        if one is None or other is None:
            continue
        sums = np.fft.irfft(np.einsum("fd,fd->f", one.conj(), other), first.size)
        lags = np.concatenate([sums[first.size - first.rows :], sums[: second.rows]])
        found += [lag - first.rows for lag in _find_peaks(lags, first.rows, second.rows)]
    return found


def _find_peaks(sums: NDArray[np.float64], first: int, second: int) -> list[int]:
    """Return the highest peaks, measured in deviations at overlaps of that length."""
    lags = np.arange(-first, second)
    overlap = np.minimum(second, first + lags) - np.maximum(0, lags)
    overlap = np.minimum(np.maximum(overlap, 1), min(first, second))
    scaled = sums / np.sqrt(np.maximum(overlap, 30 / HOP))
    middle = np.median(scaled)
    deviation = 1.4826 * np.median(np.abs(scaled - middle)) + 1e-9
    scores = (scaled - middle) / deviation
    peaks: list[int] = []
    for place in np.argsort(scores)[::-1][: 40 * _PEAKS]:
        if scores[place] < _LEAST_SCORE or len(peaks) == _PEAKS:
            break
        if all(abs(place - peak) >= _APART for peak in peaks):
            peaks.append(int(place))
    return peaks

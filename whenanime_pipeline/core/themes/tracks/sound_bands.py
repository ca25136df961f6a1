"""Computes energies of frequency bands over time from the samples of a sound.

Two grids: wide windows tell what is heard, fine ones when it begins. Whitened log energies of bands
survive other bitrates, volume and talk over a song, which flip the bits of fingerprints.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.tracks.episode_tracks import FINE_HOP, SOUND_HOP

SOUND_RATE = 8_000
"""Samples per second."""
BANDS = 33
"""Bands of the wide windows."""
FINE_BANDS = 8
"""Bands of the fine windows."""
LOWEST, HIGHEST = 200.0, 3600.0
"""Hertz between which the bands lie, spaced as logarithms: what low bitrates keep of music."""
WINDOW = 3_000
"""Samples of a wide window, 0.375 s."""
FINE_WINDOW = 512
"""Samples of a fine window, 0.064 s."""
FLOOR = 1e-10
"""Least power of a band, -100 dB: below it is the noise of lossy codecs."""
_BLOCK_ROWS = 64
"""Windows transformed at once: memory does not grow with the film."""

Samples: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SoundBands:
    """Energies over time; row `i` of a grid is centred at its hop times `i` seconds.

    Attributes:
        bands: `(n, BANDS)` float32, decibels of full scale, a row in `SOUND_HOP` seconds.
        fine: `(m, FINE_BANDS)` float32, decibels of full scale, a row in `FINE_HOP` seconds.
        loudness: `(n,)` float32, root mean square in decibels of full scale of the `SOUND_HOP`
            seconds around the row.
        is_missing: `(n,)` bool, whether half of those seconds or more could not be decoded.
    """

    bands: NDArray[np.float32]
    fine: NDArray[np.float32]
    loudness: NDArray[np.float32]
    is_missing: NDArray[np.bool_]


def compute_bands(blocks: Iterable[Samples]) -> SoundBands:
    """Compute the energies of a sound.

    Args:
        blocks: samples at `SOUND_RATE`, one channel, from -1 to 1, in order from second 0 on; NaN
            where nothing could be decoded. The result does not depend on where blocks end.

    Returns:
        A row for every multiple of a hop within the sound.
    """
    hop, fine_hop = round(SOUND_HOP * SOUND_RATE), round(FINE_HOP * SOUND_RATE)
    wide = _RowCollector(WINDOW, hop, _BandFilter(WINDOW, BANDS))
    fine = _RowCollector(FINE_WINDOW, fine_hop, _BandFilter(FINE_WINDOW, FINE_BANDS))
    level = _RowCollector(hop, hop, _measure_level)
    for block in blocks:
        for collector in (wide, fine, level):
            collector.add(block)
    levels = level.finish(2)
    return SoundBands(wide.finish(BANDS), fine.finish(FINE_BANDS), levels[:, 0], levels[:, 1] > 0)


class _BandFilter:
    """Turns windows into decibels of bands.

    Args:
        window: samples of a window.
        bands: number of bands.
    """

    def __init__(self, window: int, bands: int) -> None:
        self._shape = np.hanning(window + 1)[:-1].astype(np.float32)
        # Parseval: the sum over all bands is the mean square of the samples.
        self._scale = 2 / (window * float(np.square(self._shape, dtype=np.float64).sum()))
        edges = np.geomspace(LOWEST, HIGHEST, bands + 1) * window / SOUND_RATE
        self._edges = np.round(edges).astype(np.int64)

    def __call__(self, rows: Samples) -> NDArray[np.float32]:
        """Return `(rows, bands)` decibels of `(rows, window)` samples."""
        spectrum = np.fft.rfft(np.nan_to_num(rows, nan=0.0) * self._shape, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        sums = np.stack(
            [power[:, low:high].sum(axis=1) for low, high in pairwise(self._edges)], axis=1
        )
        decibels: NDArray[np.float32] = 10 * np.log10(sums * self._scale + FLOOR)
        return decibels.astype(np.float32)


def _measure_level(rows: Samples) -> NDArray[np.float32]:
    """Return loudness in decibels and 1 for rows that are missing, `(rows, 2)`."""
    missing = np.isnan(rows)
    power = np.square(np.where(missing, np.float32(0), rows)).mean(axis=1)
    is_missing = missing.sum(axis=1) * 2 >= rows.shape[1]
    return np.stack([10 * np.log10(power + FLOOR), is_missing], axis=1).astype(np.float32)


class _RowCollector:
    """Cuts a stream of samples into windows centred on a grid, and measures them.

    Args:
        window: samples of a window.
        hop: samples from one centre to the next.
        measure: returns `(rows, columns)` of `(rows, window)` samples.
    """

    def __init__(self, window: int, hop: int, measure: Callable[[Samples], Samples]) -> None:
        self._window, self._hop, self._measure = window, hop, measure
        # The first window is centred at second 0: half of it lies before the sound.
        self._waiting: list[Samples] = [np.zeros(window // 2, np.float32)]
        self._held = window // 2
        self._total = 0
        self._rows: list[Samples] = []

    def add(self, block: Samples) -> None:
        """Add the next samples."""
        self._waiting.append(block)
        self._held += len(block)
        self._total += len(block)
        if self._held >= self._window + self._hop * _BLOCK_ROWS:
            self._measure_waiting()

    def finish(self, columns: int) -> Samples:
        """Return all rows, `(rows, columns)`; the last windows reach beyond the sound."""
        self._waiting.append(np.zeros(self._window - self._window // 2, np.float32))
        self._measure_waiting()
        found = np.concatenate([np.empty((0, columns), np.float32), *self._rows])
        return found[: -(-self._total // self._hop)]

    def _measure_waiting(self) -> None:
        """Measure all whole windows, a block at a time, and keep the samples after them."""
        samples = np.concatenate(self._waiting)
        count = max(0, (len(samples) - self._window) // self._hop + 1)
        if count:
            windows = sliding_window_view(samples, self._window)[:: self._hop][:count]
            self._rows.extend(
                self._measure(windows[at : at + _BLOCK_ROWS]) for at in range(0, count, _BLOCK_ROWS)
            )
        rest = samples[count * self._hop :]
        self._waiting, self._held = [rest], len(rest)

"""Sums up rows of tracks by second, and windows of seconds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
Seconds = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SecondGrid:
    """Cells of one second each: cell `i` covers `[i + shift, i + 1 + shift)`.

    Attributes:
        cells: number of cells.
        shift: second at which the first cell begins, from -1 to 0.
    """

    cells: int
    shift: float = 0.0

    @classmethod
    def over(cls, duration: float, shift: float = 0.0) -> "SecondGrid":
        """Return the grid that covers an episode of a duration in seconds."""
        return cls(max(1, int(np.ceil(duration - shift))), shift)

    @property
    def centres(self) -> Seconds:
        """`(cells,)`, seconds of the middles of the cells."""
        centres: Seconds = np.arange(self.cells, dtype=np.float64) + (self.shift + 0.5)
        return centres

    def mean(self, times: Seconds, values: Values, default: float = 0.0) -> Values:
        """Return the means of the values in each cell.

        Args:
            times: `(n,)` seconds.
            values: `(n,)` or `(n, k)`, one a time.
            default: what cells without a value get.

        Returns:
            `(cells,)` or `(cells, k)`.
        """
        cells, inside = self._locate(times)
        counts = np.bincount(cells, minlength=self.cells)
        total = np.zeros((self.cells, *values.shape[1:]), np.float64)
        np.add.at(total, cells, values[inside])
        shape = (-1,) + (1,) * (values.ndim - 1)
        means = total / np.maximum(1, counts).reshape(shape)
        return np.where((counts > 0).reshape(shape), means, default).astype(np.float32)

    def count(self, times: Seconds) -> Values:
        """Return how many of the times `(n,)` lie in each cell, `(cells,)`."""
        cells, _ = self._locate(times)
        return np.bincount(cells, minlength=self.cells).astype(np.float32)

    def _locate(self, times: Seconds) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        cells = np.floor(times - self.shift).astype(np.int64)
        inside = (cells >= 0) & (cells < self.cells)
        return cells[inside], inside


def smooth(values: Values, seconds: int) -> Values:
    """Return the running mean over an odd number of seconds, shorter at the ends.

    Args:
        values: `(T,)` or `(T, k)`, a row a second.
        seconds: length of the window.
    """
    half = seconds // 2
    total = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, 0, np.float64)])
    at = np.arange(len(values))
    low, high = np.maximum(0, at - half), np.minimum(len(values), at + half + 1)
    counts = (high - low).reshape((-1,) + (1,) * (values.ndim - 1))
    means: Values = ((total[high] - total[low]) / counts).astype(np.float32)
    return means


def sides(values: Values, seconds: int) -> tuple[Values, Values]:
    """Return the means of the `seconds` before each second, and of as many from it on.

    Args:
        values: `(T, k)`, a row a second.
        seconds: length of each window; shorter at the ends of the episode.

    Returns:
        Two arrays `(T, k)`; the first second has itself before it.
    """
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, 0, np.float64)])
    at = np.arange(len(values))
    low, high = np.maximum(0, at - seconds), np.minimum(len(values), at + seconds)
    before = (total[at] - total[low]) / np.maximum(1, at - low)[:, None]
    before[:1] = values[:1]
    after = (total[high] - total[at]) / (high - at)[:, None]
    return before.astype(np.float32), after.astype(np.float32)


def seconds_since(events: NDArray[np.bool_], *, limit: float) -> Values:
    """Return the seconds since the last event at or before each second, at most `limit`."""
    at = np.arange(len(events))
    last = np.maximum.accumulate(np.where(events, at, -(10**6)))
    return np.minimum(at - last, limit).astype(np.float32)

"""Looks up the stored frame on screen at a second."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class FrameRun(NamedTuple):
    """A time run of a frame: seconds of its first and last sample."""

    frame: int
    start: float
    end: float


class Timeline:
    """The time runs of all frames of a content, in order of time."""

    def __init__(
        self, frames: NDArray[np.int64], starts: NDArray[np.float64], ends: NDArray[np.float64]
    ) -> None:
        """Sort the runs.

        Args:
            frames: `(runs,)`, ordinal of the frame of each run.
            starts: `(runs,)`, second of the first sample of each run.
            ends: `(runs,)`, second of the last sample of each run.

        Raises:
            LookupError: there are no runs.
        """
        if not len(frames):
            raise LookupError("no frame is stored of this content")
        order = np.argsort(starts, kind="stable")
        self._frames, self._starts, self._ends = frames[order], starts[order], ends[order]

    @property
    def end(self) -> float:
        """Second of the last sample."""
        return float(self._ends.max())

    def at(self, second: float) -> FrameRun:
        """Return the run at a second, or the nearest one if nothing was sampled there."""
        after = int(np.searchsorted(self._starts, second, side="right"))
        run = max(0, after - 1)
        if 0 < after < len(self._starts):
            past, ahead = second - self._ends[run], self._starts[after] - second
            run = after if ahead < past else run
        return FrameRun(int(self._frames[run]), float(self._starts[run]), float(self._ends[run]))

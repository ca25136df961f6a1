"""Which stored frame is on screen at a second."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class FrameRun(NamedTuple):
    """A stretch during which one frame is on screen: seconds of its first and last sample."""

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
            frames: ordinals, a run each.
            starts: seconds of the first sample of each.
            ends: seconds of the last.

        Raises:
            LookupError: there is not one run.
        """
        if not len(frames):
            raise LookupError("no frame is stored of this content")
        order = np.argsort(starts, kind="stable")
        self._frames, self._starts, self._ends = frames[order], starts[order], ends[order]

    @property
    def end(self) -> float:
        """Second of the last sample of all."""
        return float(self._ends.max())

    def at(self, second: float) -> FrameRun:
        """Return what is on screen at a second; where nothing was sampled, what is nearest."""
        after = int(np.searchsorted(self._starts, second, side="right"))
        run = max(0, after - 1)
        if 0 < after < len(self._starts):
            past, ahead = second - self._ends[run], self._starts[after] - second
            run = after if ahead < past else run
        return FrameRun(int(self._frames[run]), float(self._starts[run]), float(self._ends[run]))

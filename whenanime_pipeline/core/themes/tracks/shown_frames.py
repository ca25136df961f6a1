"""Finds which stored frame is on screen at given seconds."""

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 1e-6
"""Seconds by which times of samples may be off."""


def find_shown_runs(
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    seconds: NDArray[np.float64],
    *,
    step: float,
) -> NDArray[np.int64]:
    """Return the time run on screen at each second, `(seconds,)`; -1 for none.

    Args:
        starts: `(runs,)`, second of the first sample of each run, in order of time.
        ends: `(runs,)`, second of the last sample of each run.
        seconds: seconds to look up.
        step: seconds from one sample to the next, for which a sample stays on screen.
    """
    if not len(starts):
        return np.full(len(seconds), -1, np.int64)
    runs = np.searchsorted(starts, seconds, side="right") - 1
    is_shown = (runs >= 0) & (seconds < ends[runs] + step + _ROUNDING)
    return np.where(is_shown, runs, -1).astype(np.int64)

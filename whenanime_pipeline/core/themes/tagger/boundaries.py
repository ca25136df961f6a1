"""Refines where segments begin and end: from the second to its part, and to a cut nearby."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.tagger.network import MemberScores

_REACH = 4
"""Seconds around the boundary between two classes in which the finer one is sought."""
_PREFERENCE = 0.35
"""Logarithm of the odds that a boundary loses with each second of distance."""
_CUT_REACH = 0.45
"""Seconds within which a boundary goes to a cut: more than a second's part is mostly off by."""


def refine_boundary(scores: MemberScores, second: int, side: int) -> float:
    """Return a boundary in seconds of the grid.

    A coarse head says in which second a segment begins or ends, and a fine one where in it.

    Args:
        scores: of one member.
        second: first second of the class after the boundary.
        side: 0 for a beginning, 1 for an end.
    """
    low, high = max(0, second - _REACH), min(len(scores.bounds), second + _REACH)
    cells = np.arange(low, high)
    chances = np.clip(scores.bounds[cells, side], 1e-4, 1 - 1e-4)
    likely = np.log(chances / (1 - chances)) - _PREFERENCE * np.abs(cells + 0.5 - second)
    best = int(cells[likely.argmax()])
    if scores.bounds[best, side] < 0.1:
        return float(second)
    return best + float(scores.offsets[best, side])


def snap_to_cut(second: float, cuts: NDArray[np.float64]) -> float:
    """Return the nearest cut within reach, or the second as it is.

    Args:
        second: boundary.
        cuts: sorted seconds of the episode's cuts.
    """
    if not len(cuts):
        return second
    nearest = float(cuts[np.abs(cuts - second).argmin()])
    return nearest if abs(nearest - second) <= _CUT_REACH else second

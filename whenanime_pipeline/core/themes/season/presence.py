"""Says when each appearance of a group takes part, and what those that do have in common."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.match.features import HOP
from whenanime_pipeline.core.themes.season.consensus import PICTURES, SOUND, Consensus

_BRIDGED = round(1.2 / HOP)
"""Rows of a hole in a appearance that is closed, whatever lies in it."""
_BRIDGED_UNKNOWN = round(3 / HOP)
"""Rows of a hole that is closed when nothing is heard or seen in it."""
_ISLAND = round(1.8 / HOP)
"""Rows of the shortest stretch that a appearance shares."""
SHORTEST = round(2.5 / HOP)
"""Rows of the shortest part."""


def find_presence(consensus: Consensus) -> NDArray[np.bool_]:
    """Return where each appearance is like others, `(m, t)`, without flickering."""
    return np.array(
        [
            _drop_islands(_close_holes(states > 0, known))
            for states, known in zip(consensus.states, consensus.is_known, strict=True)
        ]
    )


def _close_holes(present: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Close short holes, and longer ones in which there is no evidence."""
    closed = present.copy()
    edges = np.flatnonzero(np.diff(present.astype(np.int8))) + 1
    for low, high in pairwise(edges):
        is_empty = not present[low]
        limit = _BRIDGED if known[low:high].mean() > 0.3 else _BRIDGED_UNKNOWN
        if is_empty and high - low <= limit:
            closed[low:high] = True
    return closed


def _drop_islands(present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Drop what is alike for a moment only, by chance."""
    kept = present.copy()
    for low, high in list_runs(present.view(np.uint8)):
        if present[low] and high - low < _ISLAND:
            kept[low:high] = False
    return kept


def find_state(states: NDArray[np.uint8], present: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the bits that at least half of those present share at each row, without flickering."""
    counts = np.maximum(present.sum(0), 1)
    state = np.zeros(states.shape[1], np.uint8)
    for bit in (SOUND, PICTURES):
        state |= np.where(((states & bit) > 0).sum(0) * 2 >= counts, bit, 0).astype(np.uint8)
    state[present.sum(0) < 2] = 0
    for low, high in list_runs(state):
        is_between = low > 0 and high < len(state) and state[low - 1] == state[high]
        if high - low < SHORTEST and is_between:
            state[low:high] = state[low - 1]
    return state


def list_runs(values: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Return the first row of each run of equal values, and the row after it."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return list(pairwise(edges))

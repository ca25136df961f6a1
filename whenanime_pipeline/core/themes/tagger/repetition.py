"""Finds how much of an episode returns elsewhere in the same episode."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.tagger.second_grid import Values

_BLOCK = 512
"""Seconds compared with the whole episode at a time, which bounds the memory."""


def find_likeness_elsewhere(
    values: Values, is_known: NDArray[np.bool_], *, context: int, apart: int
) -> Values:
    """Return the highest cosine of each second's surroundings with those of another place.

    Args:
        values: `(T, k)`, a row a second.
        is_known: `(T,)`, rows that may be compared.
        context: odd number of following rows that are compared together.
        apart: seconds that the other place is away at least.

    Returns:
        `(T,)`, from -1 to 1; 0 where there is no other place.
    """
    count, half = len(values), context // 2
    padded = np.pad(values, ((half, half), (0, 0)))
    windows = np.concatenate([padded[step : step + count] for step in range(context)], 1)
    norms = np.linalg.norm(windows, axis=1, keepdims=True)
    unit = windows / np.maximum(norms, 1e-6)
    unusable = ~is_known | (norms[:, 0] < 1e-6)
    likeness = np.zeros(count, np.float32)
    columns = np.arange(count)
    for start in range(0, count, _BLOCK):
        rows = columns[start : start + _BLOCK]
        cosines = unit[rows] @ unit.T
        cosines[:, unusable] = -2
        cosines[np.abs(rows[:, None] - columns[None]) < apart] = -2
        best = cosines.max(1)
        likeness[rows] = np.where((best < -1.5) | unusable[rows], 0, best)
    return likeness

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.metrics.intervals import (
    measure,
    measure_outside,
    measure_overlap,
    unite,
)

NUMBERS = st.integers(0, 60)
INTERVALS = st.lists(st.tuples(NUMBERS, NUMBERS).map(lambda pair: (min(pair), max(pair))))


def cells(intervals: list[tuple[int, int]]) -> NDArray[np.bool_]:
    """Whether each whole second lies in one of the intervals, as the oracle."""
    grid = np.zeros(60, bool)
    for start, end in intervals:
        grid[start:end] = True
    return grid


def test_intervals_that_touch_become_one() -> None:
    assert unite([(5, 7), (0, 2), (2, 3), (6, 9), (4, 4)]) == [(0, 3), (5, 9)]


@given(INTERVALS, INTERVALS)
def test_seconds_are_those_that_a_grid_counts(
    some: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    left, right = cells(some), cells(others)
    assert measure(some) == left.sum()
    assert measure_overlap(some, others) == (left & right).sum()
    assert measure_outside(some, others) == (left & ~right).sum()

"""Rows are compared at any offset, and runs of alike rows found."""

from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.match.features import Rows
from whenanime_pipeline.core.themes.match.runs import (
    compare_at,
    find_runs,
    refine_offset,
    smooth,
)


def drifting_rows(seed: int, count: int, gaps: float = 0.1) -> Rows:
    """Return rows of unit length that change slowly, some without evidence."""
    random = np.random.default_rng(seed)
    values = np.cumsum(random.normal(0, 0.5, (count, 6)), 0) + random.normal(0, 1, 6)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    is_known = random.random(count) >= gaps
    return Rows((values * is_known[:, None]).astype(np.float32), is_known)


def compare_row(first: Rows, second: Rows, row: int, offset: float) -> tuple[float, bool]:
    """Compare one row by interpolation, as it is defined."""
    low = floor(row + offset)
    share = row + offset - low
    places = [low] if share == 0 else [low, low + 1]
    if min(places) < 0 or max(places) >= len(second):
        return 0.0, False
    mixed = (1 - share) * second.values[low].astype(np.float64)
    if share > 0:
        mixed = mixed + share * second.values[low + 1]
    length = max(float(np.linalg.norm(mixed)), 0.5)
    is_known = bool(first.is_known[row] and second.is_known[places].all())
    return float(first.values[row] @ mixed) / length, is_known


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    counts=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    quarters=st.integers(-180, 180),
    data=st.data(),
)
def test_comparison_equals_the_interpolation_row_by_row(
    seed: int, counts: tuple[int, int], quarters: int, data: st.DataObject
) -> None:
    first, second = (drifting_rows(seed + at, count) for at, count in enumerate(counts))
    begin = data.draw(st.integers(0, counts[0]))
    window = begin, data.draw(st.integers(begin, counts[0]))
    offset = quarters / 4
    likeness, is_evidence = compare_at(first, second, offset, window)
    assert len(likeness) == len(is_evidence) == window[1] - window[0]
    for place, row in enumerate(range(*window)):
        wanted, is_known = compare_row(first, second, row, offset)
        assert bool(is_evidence[place]) == is_known
        if is_known:
            assert likeness[place] == pytest.approx(wanted, abs=1e-4)
            assert -1.001 <= likeness[place] <= 1.001


def test_all_rows_are_compared_without_a_window() -> None:
    one = drifting_rows(3, 50, gaps=0)
    likeness, is_evidence = compare_at(one, one, 0)
    np.testing.assert_allclose(likeness, 1, atol=1e-5)
    assert is_evidence.all()


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), steps=st.integers(-2, 2), rough=st.integers(-6, 6))
def test_the_fraction_of_an_offset_is_refined(seed: int, steps: int, rough: int) -> None:
    random = np.random.default_rng(seed)
    frequencies, phases = random.uniform(0.02, 0.2, 12), random.uniform(0, 6, 12)

    def sample(places: np.ndarray) -> Rows:
        waves = np.cos(places[:, None] * frequencies * 2 * np.pi + phases)
        unit = waves / np.linalg.norm(waves, axis=1, keepdims=True)
        return Rows(unit.astype(np.float32), np.ones(len(places), np.bool_))

    at = np.arange(240.0)
    true = rough + steps / 4
    assert refine_offset(sample(at), sample(at - true), rough, (20, 220)) == pytest.approx(true)


def test_runs_bridge_short_holes_and_end_at_long_ones() -> None:
    likeness = np.zeros(400, np.float32)
    for low, high in ((50, 120), (128, 200), (240, 300)):
        likeness[low:high] = 0.9
    runs = find_runs(likeness, np.ones(400, np.bool_), threshold=0.45, shortest=20)
    assert [(run.start, run.end) for run in runs] == [(50, 200), (240, 300)]
    assert runs[1].likeness == pytest.approx(0.9)
    assert runs[0].likeness == pytest.approx(0.9 * 142 / 150)


def test_short_runs_are_dropped_and_no_evidence_is_no_run() -> None:
    likeness = np.full(100, 0.9, np.float32)
    assert find_runs(likeness, np.zeros(100, np.bool_), threshold=0.5, shortest=5) == []
    is_evidence = np.zeros(100, np.bool_)
    is_evidence[40:60] = True
    assert find_runs(likeness, is_evidence, threshold=0.5, shortest=40) == []
    runs = find_runs(likeness, is_evidence, threshold=0.5, shortest=10)
    assert [run.likeness for run in runs] == pytest.approx([0.9])


@given(
    st.lists(st.tuples(st.floats(-1, 1, width=32), st.booleans()), min_size=9, max_size=60),
)
def test_smoothing_is_the_mean_of_the_evidence(rows: list[tuple[float, bool]]) -> None:
    likeness = np.array([value for value, _ in rows], np.float32)
    is_evidence = np.array([is_known for _, is_known in rows], np.bool_)
    means = smooth(likeness, is_evidence)
    for row in range(len(rows)):
        near = slice(max(0, row - 4), row + 5)
        known = likeness[near][is_evidence[near]]
        wanted = known.mean() if len(known) >= 3 else 0.0
        assert means[row] == pytest.approx(wanted, abs=1e-5)

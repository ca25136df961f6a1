"""The benchmark `turned`, small: two drawn series, each left out once."""

from pathlib import Path

import pytest
from conftest import make_model

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.retrieval.edited_queries import EDIT_KINDS
from benchmarks.turned import WHOLE_FRAMES, Options, measure

pytestmark = pytest.mark.timeout(600)  # three indexings, and searches after 16 edits


def test_turned_queries_are_measured(tmp_path: Path) -> None:
    model = make_model(tmp_path / "model", seed=0)
    options = Options(frames=2, absent=2, episodes=1, model=model)
    report = measure(BenchmarkContext(tmp_path, tmp_path / "cache", None, print), options)
    figures = {figure.name: figure for figure in report.figures}
    asked = 2 * len(WHOLE_FRAMES) * 3
    assert sum(row["queries"] for row in report.details["by edit"]) == asked
    assert 0.5 <= figures["turned queries found"].value <= 1  # with random weights
    ratio = figures["queries that are not in the library: time, by that without turning"]
    assert ratio.unit == f"of {2 * len(EDIT_KINDS)}"
    assert 0.8 < ratio.value < 3
    assert figures["the same, false positives"].value <= 0.2

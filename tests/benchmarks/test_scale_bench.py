"""The steps of indexing that visit all episodes, timed on a small library."""

from pathlib import Path

from conftest import make_model

from benchmarks.support.large_library import time_indexing_steps


def test_every_step_is_timed_without_a_wrong_result(tmp_path: Path) -> None:
    steps = time_indexing_steps(tmp_path / "library", make_model(tmp_path / "model"), 30, 2)
    assert steps.problems == []
    assert len(steps.seconds) == 15
    assert min(steps.seconds.values()) >= 0
    assert "register 2 episodes in Dagster" in steps.seconds

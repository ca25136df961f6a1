"""What local features cost, measured small."""

from pathlib import Path

import pytest
from sample_videos import write_film

from benchmarks.patches import Options, measure
from benchmarks.support.context import BenchmarkContext


def test_a_given_film_is_measured(tmp_path: Path) -> None:
    write_film(tmp_path / "data" / "library" / "Short.mp4", seed=0, seconds=6)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    room = BenchmarkContext(scratch, tmp_path, tmp_path / "data", lambda _: None)
    report = measure(room, Options(pictures=10, features=100_000, searches=2))
    figures = {figure.name: figure.value for figure in report.figures}
    # A picture each half second, of which each is unlike the one before.
    assert figures["largest film: keyframes per minute"] == pytest.approx(120, rel=0.2)
    assert figures["largest film, 24 minutes: wall time (Short)"] > 0
    assert figures["largest film, 24 minutes: CPU time"] > 0


def test_the_cost_of_local_features_is_reported(tmp_path: Path) -> None:
    said: list[str] = []
    room = BenchmarkContext(tmp_path, tmp_path, None, said.append)
    report = measure(room, Options(pictures=12, features=100_000, searches=3))
    figures = {figure.name: figure for figure in report.figures}
    assert 50 < figures["features per keyframe"].value <= 150
    # 14 in the episode's file and 16 in the snapshot's, and what stands before the arrays.
    assert 30 < figures["bytes per feature"].value < 32
    assert figures["query and mirror image: matches"].value > 150
    assert figures["query and mirror image: search"].value > 0
    assert said

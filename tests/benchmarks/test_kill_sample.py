"""A small part of the benchmark `kill`, on the sample library, with real processes."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.kill import draw_kill_times, run_baselines
from benchmarks.support.home_comparison import compare_homes, file_stamps
from benchmarks.support.index_interruptions import BaselineRun, kill_and_resume, run_concurrently
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.sample.sample_library import make_sample_library
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.episode_table import read_episodes, write_episodes
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id

KILLS = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kill")


@pytest.fixture(scope="module")
def both(folder: Path, small_model: Path) -> tuple[BaselineRun, BaselineRun]:
    drawn = folder / "drawn"
    make_sample_library(drawn, size=(96, 54), episodes=1)
    return run_baselines(folder, drawn, small_model)


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_index_ends_as_if_it_had_not_been(
    number: int, both: tuple[BaselineRun, BaselineRun], folder: Path
) -> None:
    baseline = both[number % 2]
    second = draw_kill_times(baseline.seconds, KILLS, seed=1)[number]
    outcome = kill_and_resume(baseline, Home(folder / f"killed-{number}"), second)
    assert outcome.problems == []
    assert outcome.exit_codes == [0]
    assert bool(outcome.query_count) == bool(baseline.known_frames)


def test_two_at_once_do_the_work_once(both: tuple[BaselineRun, BaselineRun], folder: Path) -> None:
    outcome = run_concurrently(both[0], Home(folder / "two"))
    assert outcome.problems == []
    assert outcome.exit_codes == [0, 0]


def test_the_comparison_detects_differences(
    both: tuple[BaselineRun, BaselineRun], folder: Path
) -> None:
    reference = both[0].end
    home = Home(folder / "altered")
    shutil.copytree(reference.root, home.root)
    assert compare_homes(home, reference) == []
    (home.root / "frames" / ".left.part").touch()
    assert compare_homes(home, reference) == ["only in one: frames/.left.part"]
    (home.root / "frames" / ".left.part").unlink()
    local = next(home.root.glob("local/*/*/*.npz"))
    whole = local.read_bytes()
    local.write_bytes(whole + b"\0")
    assert compare_homes(home, reference) == [f"local features: {local.name}"]
    local.write_bytes(whole)
    episodes = home.snapshots / str(read_latest_id(home.snapshots)) / "episodes.parquet"
    rows = read_episodes(episodes)
    write_episodes(episodes, [replace(rows[0], frames=rows[0].frames + 1), *rows[1:]])
    with pytest.raises(SnapshotError, match="not the file that was published"):
        compare_homes(home, reference)
    first = home.root / next(iter(file_stamps(home)))
    before = file_stamps(home)
    first.write_bytes(first.read_bytes())
    assert len(file_stamps(home).items() - before.items()) == 1

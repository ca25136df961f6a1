"""A small part of the benchmark `kill`, on the sample library, with real processes."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.kill import courses, moments
from benchmarks.support.campaign import Course, kill_and_repeat, two_at_once
from benchmarks.support.traces import differences, stamps
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.sample.library import make_sample_library
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.search.snapshot.episode_table import read_episodes, write_episodes
from whenanime_pipeline.core.search.snapshot.manifest import latest_id

KILLS = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kill")


@pytest.fixture(scope="module")
def both(folder: Path, small_model: Path) -> tuple[Course, Course]:
    drawn = folder / "drawn"
    make_sample_library(drawn, size=(96, 54), episodes=1)
    return courses(folder, drawn, small_model)


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_index_ends_as_if_it_had_not_been(
    number: int, both: tuple[Course, Course], folder: Path
) -> None:
    course = both[number % 2]
    second = moments(course.seconds, KILLS, seed=1)[number]
    outcome = kill_and_repeat(course, Home(folder / f"killed-{number}"), second)
    assert outcome.problems == []
    assert outcome.exit_codes == [0]
    assert bool(outcome.asked) == bool(course.moments)


def test_two_at_once_do_the_work_once(both: tuple[Course, Course], folder: Path) -> None:
    outcome = two_at_once(both[0], Home(folder / "two"))
    assert outcome.problems == []
    assert outcome.exit_codes == [0, 0]


def test_the_comparison_sees_what_is_not_as_it_shall_be(
    both: tuple[Course, Course], folder: Path
) -> None:
    reference = both[0].end
    home = Home(folder / "altered")
    shutil.copytree(reference.root, home.root)
    assert differences(home, reference) == []
    (home.root / "frames" / ".left.part").touch()
    assert differences(home, reference) == ["only in one: frames/.left.part"]
    (home.root / "frames" / ".left.part").unlink()
    local = next(home.root.glob("local/*/*/*.npz"))
    whole = local.read_bytes()
    local.write_bytes(whole + b"\0")
    assert differences(home, reference) == [f"local features: {local.name}"]
    local.write_bytes(whole)
    episodes = home.snapshots / str(latest_id(home.snapshots)) / "episodes.parquet"
    rows = read_episodes(episodes)
    write_episodes(episodes, [replace(rows[0], frames=rows[0].frames + 1), *rows[1:]])
    with pytest.raises(SnapshotError, match="not the file that was published"):
        differences(home, reference)
    first = home.root / next(iter(stamps(home)))
    before = stamps(home)
    first.write_bytes(first.read_bytes())
    assert len(stamps(home).items() - before.items()) == 1

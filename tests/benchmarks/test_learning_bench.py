"""The benchmark `learning`, small: a real library, a real training, real kills."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import pytest
from sample_videos import write_film

from benchmarks.learning import Options, draw_kill_points, measure
from benchmarks.support.context import BenchmarkContext, BenchmarkError
from benchmarks.support.learning_home import write_pictures
from benchmarks.support.our_training import time_decoding, time_our_training
from benchmarks.support.report import Report
from benchmarks.support.step_timing import StepPlan
from benchmarks.support.training_gain import error_reduction, gain_rows, max_score_difference
from benchmarks.support.training_interruptions import (
    InterruptedTraining,
    Kill,
)
from benchmarks.support.training_process import FinishedTraining, train_to_end
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import load_dataset
from whenanime_pipeline.core.learning.evaluation import RetrievalMetrics, bootstrap_scores
from whenanime_pipeline.core.learning.training.log import LogRow
from whenanime_pipeline.core.learning.training.recipe import build_recipe

pytestmark = pytest.mark.timeout(900)  # nine processes that import torch, on busy cores
SMALL = Options(size=32, spacing=0.65, share=0.25, epochs=2, batch=8, kills=1)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> BenchmarkContext:
    """A room with four short films, each of pictures of its own."""
    folder = tmp_path_factory.mktemp("learning")
    for number in range(4):
        write_film(folder / f"data/library/Show/0{number + 1}-Part.mp4", seed=number, seconds=8)
    (folder / "scratch").mkdir()
    return BenchmarkContext(folder / "scratch", folder / "cache", folder / "data", print)


@pytest.fixture(scope="module")
def report(room: BenchmarkContext) -> Report:
    return measure(room, SMALL)


@pytest.fixture(scope="module")
def home(room: BenchmarkContext, report: Report) -> Home:
    """The home that the benchmark made."""
    return Home(room.scratch / "home")


def test_a_killed_training_ends_as_if_it_had_not_been(report: Report) -> None:
    figures = {figure.name: figure.value for figure in report.figures}
    assert figures["repeated: largest difference"] == 0
    assert figures["repeated: bit-identical weights (1 = yes)"] == 1
    assert figures["killed: kills"] >= 4
    assert figures["killed: largest difference"] == 0
    assert figures["killed: bit-identical weights (1 = yes)"] == 1
    assert figures["killed: epochs lost"] == 0
    assert figures["killed: epochs logged twice"] == 0
    assert any("model is being" in str(kill["kill point"]) for kill in report.details["kills"])
    assert [row["epoch"] for row in report.details["epochs"]] == [0, 1, 2]


def test_the_climb_is_reported_with_its_pictures(report: Report) -> None:
    figures = {figure.name: figure for figure in report.figures}
    assert figures["validation episodes"].value == 1
    assert figures["training episodes"].value == 3
    pictures = figures["validation pictures"].value
    for direction in ("views → originals", "originals → views"):
        for when in ("before", "after"):
            found = figures[f"{direction}, {when}: top-1"]
            assert found.unit == f"of {pictures:g}"
            assert found.spread is not None
            assert found.spread[0] <= found.value <= found.spread[1]


def test_ours_and_the_seeds_way_get_the_same_frames(home: Home, tmp_path: Path) -> None:
    pictures = write_pictures(home, tmp_path)
    assert len(list(tmp_path.glob("*.jpg"))) == pictures == len(load_dataset(home).training)
    plan = StepPlan("resnet18", size=32, batch=8, warm_up=1, steps=3)
    assert time_decoding(home, plan).pictures > pictures
    stretch = time_our_training(home, plan)
    assert stretch.views == 48
    assert 0 < stretch.loading_seconds < stretch.cost.wall
    with pytest.raises(BenchmarkError, match="take more frames"):
        time_our_training(home, replace(plan, batch=pictures + 1))


def test_a_failed_training_is_reported(home: Home, tmp_path: Path) -> None:
    with_no_weights = replace(build_recipe("seed"), init=str(tmp_path / "none.safetensors"))
    with pytest.raises(BenchmarkError, match=r"none\.safetensors"):
        train_to_end(home, with_no_weights)


def test_kills_are_spread_and_the_same_for_a_seed() -> None:
    names = [moment.name for moment in draw_kill_points(steps=100, epochs=4, kills=4, seed=3)]
    assert names == [
        moment.name for moment in draw_kill_points(steps=100, epochs=4, kills=4, seed=3)
    ]
    steps = [int(name.removeprefix("step ")) for name in names if name.startswith("step ")]
    assert all(25 * part <= step <= 25 * part + 25 for part, step in enumerate(steps))
    assert len(names) == 8
    assert draw_kill_points(steps=100, epochs=4, kills=0, seed=3) == []


@pytest.mark.parametrize(
    ("logged", "reported", "next_step", "lost", "repeated"),
    [
        (2, 2, 21, 0, 5),  # the third epoch begins again
        (2, 2, 26, 0, 0),  # it goes on within the third
        (2, 2, 11, 1, 15),  # the second was logged and is repeated
        (1, 2, 21, 0, 5),  # reported before it was logged, and kept
        (1, 2, 11, 1, 15),  # reported, and not kept
        (3, 3, None, 0, 0),
    ],
)
def test_lost_epochs_and_repeated_steps_are_counted(
    logged: int, reported: int, next_step: int | None, lost: int, repeated: int
) -> None:
    kill = Kill("now", 25, logged, reported, next_step, steps_per_epoch=10)
    assert kill.lost_epochs == lost
    assert kill.repeated_steps == repeated


def ended(epochs: Sequence[int], mrr: float = 0.5) -> FinishedTraining:
    judged = RetrievalMetrics(
        bootstrap_scores(np.array([1, 2, 30])), bootstrap_scores(np.array([1, 1, 30]))
    )
    log = tuple(LogRow(epoch, None, 0.1, 0.2, 0.3, 0.4, mrr) for epoch in epochs)
    return FinishedTraining(log, judged, judged, "", 1.0, 10)


def test_differences_are_in_points_and_of_every_epoch() -> None:
    assert max_score_difference(ended([0, 1]), ended([0, 1])) == 0
    assert max_score_difference(ended([0, 1]), ended([0, 1], mrr=0.52)) == pytest.approx(2)
    assert max_score_difference(ended([0, 1]), ended([0, 1, 2])) == inf


def test_a_repeated_epoch_is_counted() -> None:
    assert (
        InterruptedTraining(reported_epochs=[0, 1, 2], result=ended([0, 1, 2])).duplicate_epochs
        == 0
    )
    assert (
        InterruptedTraining(reported_epochs=[0, 1, 1, 2], result=ended([0, 1, 2])).duplicate_epochs
        == 1
    )
    assert (
        InterruptedTraining(reported_epochs=[0, 1, 2], result=ended([0, 1, 1, 2])).duplicate_epochs
        == 1
    )


def test_published_scores_are_listed_with_ours() -> None:
    rows = gain_rows(ended([0]).before, ended([0]).after)
    assert [row["published after"] for row in rows] == [
        "0.9325", "0.9888", "0.9945", "0.9974", "0.9572",
    ]  # fmt: skip
    assert rows[0]["before"] == "0.3333"
    assert error_reduction(0.6365, 0.9325) == pytest.approx(0.814, abs=1e-3)
    assert error_reduction(1.0, 1.0) == 0

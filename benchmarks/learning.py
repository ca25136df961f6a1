"""Gain of a recipe on held-out films, and reproducibility of trainings.

Measures, on the given films split by episode, how often augmented views and their originals
retrieve each other (top-1, 5, 10, 20 and MRR@20, both directions, with 95 % intervals) before and
after a training as `whenanime train` does it, by default by the seed's recipe from random weights.
Compares with the figures that the seed publishes. The training is then repeated, and repeated once
more with SIGKILL at seeded steps and during writes; both are compared with the first: all scores of
all epochs, the weights, epochs lost or logged twice.
"""

import shutil

import numpy as np
from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.learning_home import fixed_spacing, make_learning_home
from benchmarks.support.report import Figure, Report, Target, extract_description
from benchmarks.support.training_gain import gain_figures, gain_rows, max_score_difference
from benchmarks.support.training_interruptions import (
    InterruptedTraining,
    KillPoint,
    after_epoch_report,
    after_step,
    during_checkpoint,
    during_export,
    train_with_kills,
)
from benchmarks.support.training_process import FinishedTraining, train_to_end
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import Dataset, load_dataset
from whenanime_pipeline.core.learning.dataset.options import (
    SplitOptions,
    ViewOptions,
)
from whenanime_pipeline.core.learning.training.log import LogRow
from whenanime_pipeline.core.learning.training.recipe import build_recipe

_POINTS = Target("≤", 0.5)
_NONE = Target("=", 0)


class Options(BaseOptions):
    """Options of the benchmark."""

    recipe: str = Field(default="seed", description="name of the recipe")
    backbone: str | None = Field(default=None, description="network; default: the recipe's")
    size: int = Field(
        default=112, ge=32, description="side of the views, in pixels; the seed has 224"
    )
    spacing: float = Field(default=1.0, gt=0, description="seconds between a film's frames")
    share: float = Field(default=0.2, gt=0, lt=1, description="share of the frames for validation")
    epochs: int = Field(
        default=30, ge=1, description="epochs; the seed's rate is lowest after 10, 30 and 50"
    )
    batch: int = Field(default=64, ge=2, description="pictures per batch; twice as many views")
    kills: int = Field(
        default=5, ge=0, description="kills at seeded steps; four more during writes"
    )
    seed: int = Field(default=0, ge=0, description="seed of the training and of the kills")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    home = make_learning_home(
        room,
        fixed_spacing(options.spacing),
        SplitOptions(share=options.share),
        ViewOptions(size=options.size),
    )
    dataset = load_dataset(home)
    chosen = build_recipe(
        options.recipe,
        backbone=options.backbone,
        size=options.size,
        epochs=options.epochs,
        batch_size=options.batch,
        seed=options.seed,
    )
    room.log(f"training {len(dataset.training)} pictures for {options.epochs} epochs")
    first = train_to_end(home, chosen)
    room.log("training again")
    again = train_to_end(_copy(home, "again"), chosen)
    room.log("training, and killing it")
    killed = train_with_kills(
        _copy(home, "killed"),
        chosen,
        draw_kill_points(first.steps, options.epochs, options.kills, options.seed),
    )
    return Report(
        "learning",
        extract_description(__doc__),
        [
            *_dataset_figures(dataset),
            *gain_figures(first.before, first.after),
            Figure("training time", first.seconds, "s"),
            *_repeat_figures(first, again),
            *_killed_figures(first, killed),
        ],
        {
            "ours and the seed's README": gain_rows(first.before, first.after),
            "epochs": [_row(row) for row in first.log],
            "kills": [kill.to_row() for kill in killed.kills],
        },
    )


def draw_kill_points(steps: int, epochs: int, kills: int, seed: int) -> list[KillPoint]:
    """Return kill points: a random step in each of `kills` equal parts, and four during writes.

    Args:
        steps: steps of the training.
        epochs: epochs of the training.
        kills: number of kills at steps; with 0 there are no kills at all.
        seed: seed of the steps.
    """
    if not kills:
        return []
    places = (np.arange(kills) + np.random.default_rng(seed).random(kills)) / kills
    return [
        *(after_step(max(1, round(place * steps))) for place in places),
        during_checkpoint(epochs // 2),
        after_epoch_report(max(1, epochs // 2)),
        after_epoch_report(epochs),
        during_export(),
    ]


def _copy(home: Home, name: str) -> Home:
    """Copy a home's dataset into a new home without models."""
    other = Home(home.root.with_name(name))
    shutil.copytree(home.dataset, other.dataset)
    return other


def _dataset_figures(dataset: Dataset) -> list[Figure]:
    parts = [episode.part for episode in dataset.episodes]
    return [
        Figure("training pictures", len(dataset.training)),
        Figure("validation pictures", len(dataset.validation)),
        Figure("training episodes", parts.count("training")),
        Figure("validation episodes", parts.count("validation")),
    ]


def _repeat_figures(first: FinishedTraining, again: FinishedTraining) -> list[Figure]:
    difference = max_score_difference(first, again)
    return [
        Figure("repeated: largest difference", difference, "points", target=_POINTS),
        Figure("repeated: bit-identical weights (1 = yes)", int(first.weights == again.weights)),
    ]


def _killed_figures(first: FinishedTraining, course: InterruptedTraining) -> list[Figure]:
    assert course.result is not None
    difference = max_score_difference(first, course.result)
    return [
        Figure("killed: kills", len(course.kills)),
        Figure("killed: largest difference", difference, "points", target=_POINTS),
        Figure(
            "killed: bit-identical weights (1 = yes)", int(first.weights == course.result.weights)
        ),
        Figure("killed: epochs lost", sum(kill.lost_epochs for kill in course.kills), target=_NONE),
        Figure("killed: epochs logged twice", course.duplicate_epochs, target=_NONE),
        Figure("killed: repeated steps", sum(kill.repeated_steps for kill in course.kills)),
    ]


def _row(row: LogRow) -> dict[str, object]:
    return {
        "epoch": row.epoch,
        "loss": "" if row.loss is None else row.loss,
        "top-1": row.acc1,
        "top-5": row.acc5,
        "top-10": row.acc10,
        "top-20": row.acc20,
        "MRR": row.mrr,
    }

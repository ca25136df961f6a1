"""How far a recipe climbs on films it has not seen, and whether a training can be relied on.

Measures, on the given films split by episode, how often augmented frames find their originals (top
1, 5, 10 and 20, and the mean reciprocal rank of the first 20; both directions, with intervals of 95
%) before and after a training by the seed's recipe from random weights, made as `whenanime train`
makes it, and compares with the figures that the seed publishes. The same training is then done
again, and once more killed with SIGKILL again and again at seeded steps, and while it writes; both
are compared with the first: every figure of every epoch, the weights, epochs lost or logged twice.
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
    """What can be set."""

    recipe: str = Field(default="seed", description="a recipe's name")
    backbone: str | None = Field(default=None, description="another network than the recipe's")
    size: int = Field(default=112, ge=32, description="pixels of the views' side; the seed has 224")
    spacing: float = Field(default=1.0, gt=0, description="seconds between a film's frames")
    share: float = Field(default=0.2, gt=0, lt=1, description="of the frames, for validation")
    epochs: int = Field(default=30, ge=1, description="the seed's rate is lowest at 10, 30, 50")
    batch: int = Field(default=64, ge=2, description="pictures, twice as many views")
    kills: int = Field(default=5, ge=0, description="at seeded steps; four more while it writes")
    seed: int = Field(default=0, ge=0, description="of the training and of the kills")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Measure it all."""
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
            Figure("a training", first.seconds, "s"),
            *_repeat_figures(first, again),
            *_killed_figures(first, killed),
        ],
        {
            "next to the seed's README": gain_rows(first.before, first.after),
            "epochs": [_row(row) for row in first.log],
            "kills": [kill.to_row() for kill in killed.kills],
        },
    )


def draw_kill_points(steps: int, epochs: int, kills: int, seed: int) -> list[KillPoint]:
    """Return when to kill: at a random step in each of so many parts, and while files are written.

    Args:
        steps: of the training.
        epochs: of the training.
        kills: at steps; none for no kill at all.
        seed: of their choice.
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
    """Return a home with the same dataset, and no models that were trained on it."""
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
        Figure("done again: largest difference", difference, "points", target=_POINTS),
        Figure("done again: the same weights to the bit", int(first.weights == again.weights)),
    ]


def _killed_figures(first: FinishedTraining, course: InterruptedTraining) -> list[Figure]:
    assert course.result is not None
    difference = max_score_difference(first, course.result)
    return [
        Figure("killed: times", len(course.kills)),
        Figure("killed: largest difference", difference, "points", target=_POINTS),
        Figure("killed: the same weights to the bit", int(first.weights == course.result.weights)),
        Figure("killed: epochs lost", sum(kill.lost_epochs for kill in course.kills), target=_NONE),
        Figure("killed: epochs logged twice", course.duplicate_epochs, target=_NONE),
        Figure("killed: steps done again", sum(kill.repeated_steps for kill in course.kills)),
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

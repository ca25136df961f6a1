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

from benchmarks.support.climb import climb_figures, climb_rows, largest_difference
from benchmarks.support.interruptions import (
    Course,
    Moment,
    at_step,
    train_and_kill,
    when_exporting,
    when_saving,
    when_told,
)
from benchmarks.support.learning_home import every, make_learning_home
from benchmarks.support.report import Figure, Report, Target, about
from benchmarks.support.room import Options as BaseOptions
from benchmarks.support.room import Room
from benchmarks.support.trainee import Ended, run_to_the_end
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import Dataset, load_dataset
from whenanime_pipeline.core.learning.dataset.options import (
    SplitOptions,
    ViewOptions,
)
from whenanime_pipeline.core.learning.training.log import LogRow
from whenanime_pipeline.core.learning.training.recipe import recipe

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


def measure(room: Room, options: Options) -> Report:
    """Measure it all."""
    home = make_learning_home(
        room,
        every(options.spacing),
        SplitOptions(share=options.share),
        ViewOptions(size=options.size),
    )
    dataset = load_dataset(home)
    chosen = recipe(
        options.recipe,
        backbone=options.backbone,
        size=options.size,
        epochs=options.epochs,
        batch_size=options.batch,
        seed=options.seed,
    )
    room.say(f"training {len(dataset.training)} pictures for {options.epochs} epochs")
    first = run_to_the_end(home, chosen)
    room.say("training again")
    again = run_to_the_end(_copy(home, "again"), chosen)
    room.say("training, and killing it")
    killed = train_and_kill(
        _copy(home, "killed"),
        chosen,
        moments(first.steps, options.epochs, options.kills, options.seed),
    )
    return Report(
        "learning",
        about(__doc__),
        [
            *_dataset_figures(dataset),
            *climb_figures(first.before, first.after),
            Figure("a training", first.seconds, "s"),
            *_again_figures(first, again),
            *_killed_figures(first, killed),
        ],
        {
            "beside the seed's README": climb_rows(first.before, first.after),
            "epochs": [_row(row) for row in first.log],
            "kills": [kill.row() for kill in killed.kills],
        },
    )


def moments(steps: int, epochs: int, kills: int, seed: int) -> list[Moment]:
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
        *(at_step(max(1, round(place * steps))) for place in places),
        when_saving(epochs // 2),
        when_told(max(1, epochs // 2)),
        when_told(epochs),
        when_exporting(),
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


def _again_figures(first: Ended, again: Ended) -> list[Figure]:
    difference = largest_difference(first, again)
    return [
        Figure("done again: largest difference", difference, "points", target=_POINTS),
        Figure("done again: the same weights to the bit", int(first.weights == again.weights)),
    ]


def _killed_figures(first: Ended, course: Course) -> list[Figure]:
    assert course.ended is not None
    difference = largest_difference(first, course.ended)
    return [
        Figure("killed: times", len(course.kills)),
        Figure("killed: largest difference", difference, "points", target=_POINTS),
        Figure("killed: the same weights to the bit", int(first.weights == course.ended.weights)),
        Figure("killed: epochs lost", sum(kill.lost for kill in course.kills), target=_NONE),
        Figure("killed: epochs logged twice", course.twice, target=_NONE),
        Figure("killed: steps done again", sum(kill.repeated for kill in course.kills)),
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

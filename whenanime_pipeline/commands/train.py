"""`whenanime train`: from the folder to a model and its report, through Dagster in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import dagster as dg
import numpy as np
from filelock import Timeout
from rich.console import Console

from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.follow import catalogue_folder
from whenanime_pipeline.commands.progress import shown
from whenanime_pipeline.commands.storage import told
from whenanime_pipeline.commands.train_outcome import TrainOutcome
from whenanime_pipeline.commands.training_choices import choices_so_far
from whenanime_pipeline.commands.training_progress import shown_training
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import load_dataset
from whenanime_pipeline.core.learning.dataset.extraction import has_training_frames
from whenanime_pipeline.core.learning.dataset.options import FrameOptions
from whenanime_pipeline.core.learning.evaluation import Judged
from whenanime_pipeline.core.learning.material import Material
from whenanime_pipeline.core.learning.network.initial import initial_network
from whenanime_pipeline.core.learning.report.report import Report, read_report
from whenanime_pipeline.core.learning.training.recipe import Recipe, recipe
from whenanime_pipeline.core.learning.training.unfinished import unfinished_trainings
from whenanime_pipeline.core.library.look import STEADY_AFTER
from whenanime_pipeline.core.models.registry import BASE, REPORT_FILE, KnownModel, find_model
from whenanime_pipeline.core.search.embedding.model_files import META_FILE
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.dead_runs import BY_TRAIN, LOCKS, PATIENCE, clear_dead_runs
from whenanime_pipeline.defs.episodes import statuses_for_learning
from whenanime_pipeline.defs.instance import open_instance
from whenanime_pipeline.defs.learning_config import (
    DatasetConfig,
    ModelConfig,
    RecipeName,
    TrainingFramesConfig,
    ViewsConfig,
)
from whenanime_pipeline.defs.partitions import EPISODES
from whenanime_pipeline.defs.runs import batches, run_frames, run_training, run_training_frames


def train_model(
    workspace: Workspace,
    console: Console,
    *,
    name: str = "ours",
    frames: int | None = None,
    steady_after: float = STEADY_AFTER,
    **options: Any,  # noqa: ANN401 each is checked by the recipe
) -> TrainOutcome:
    """Follow the folder, take training frames of every episode, train, and report.

    Only what is missing or changed is done. A training that was cut off goes on.

    Args:
        workspace: of the library.
        console: progress is drawn there.
        name: of the recipe.
        frames: of an episode to learn from; None for as many as were taken so far.
        steady_after: seconds a file must stay as it is before it counts as copied.
        options: of `ModelConfig`; those that are None are as the recipe has them.

    Raises:
        KeyboardInterrupt: it was interrupted; what is done is kept.
        LibraryError: the folder is missing or cannot be read.
        LearningError: an option is wrong, there is too little to learn from, or training failed.
        CommandError: another training is at this home, or it cannot be written to.
    """
    # What is wrong with the options is better said before hours of reading videos.
    _try_beginning(recipe(name, **options))
    model = ModelConfig(recipe=RecipeName[name], **options)
    home = workspace.home
    with _alone(home), told(home), open_instance(home) as instance:
        clear_dead_runs(instance, home, LOCKS, mine=BY_TRAIN)
        diff = catalogue_folder(workspace, instance, console, steady_after)
        problems = {problem.path: problem.reason for problem in diff.problems}
        problems |= _bring_frames(workspace, instance, console)
        choices = choices_so_far(workspace, frames=frames)
        problems |= _bring_training_frames(workspace, instance, console, choices.training_frames)
        config = {
            "dataset": DatasetConfig(**asdict(choices.dataset)),
            "validation_views": ViewsConfig(**asdict(choices.validation_views)),
            "retrieval_model": model,
        }
        cut_off = max((one.epoch for one in unfinished_trainings(home)), default=0)
        with shown_training(console, cut_off=cut_off) as bars:
            trained = run_training(instance, workspace, config, bars)
        report = _report(trained.model)
        rival = find_model(home, report.rival)
        return TrainOutcome(
            model=trained.model,
            trained=trained.now,
            choices=choices,
            before=_before(trained.model),
            report=report,
            rival=BASE if rival.shipped else rival.id,
            dataset=load_dataset(home),
            problems=problems,
        )


def _try_beginning(recipe: Recipe) -> None:
    """Build the network that a training begins with, once for nothing.

    Raises:
        NetworkError: it cannot be built.
        WeightsError: its weights are damaged, or cannot be fetched.
    """
    none = np.zeros((0, recipe.side, recipe.side, 3), np.uint8)
    channels = (0.0, 0.0, 0.0)
    # Of the material only its colours go into a network, and they can be any.
    initial_network(recipe, Material("", none, none[..., 0], none, none, channels, channels))


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Hold what says that a training is at this home, or say that another one is."""
    lock = home.lock(LOCKS[BY_TRAIN])
    try:
        lock.acquire(timeout=PATIENCE)
        # `up` may be at one: that is better said before hours of reading videos.
        with home.lock("train").acquire(blocking=False):
            pass
    except Timeout as error:
        lock.release()
        raise CommandError(
            f"{home.root}: another training is at this home; wait for its end, or stop it"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _bring_frames(
    workspace: Workspace, instance: dg.DagsterInstance, console: Console
) -> dict[str, str]:
    """Bring the frames of episodes that have none: they tell what must not be on both sides."""
    statuses = statuses_for_learning(workspace)
    missing = [one for one in statuses if not one.has_frames and one.failure is None]
    with shown(console, _sizes(missing), "frames of") as reporter:
        for batch in batches(instance.get_dynamic_partitions(EPISODES), _keys(missing)):
            run_frames(instance, workspace, batch, reporter)
    statuses = statuses_for_learning(workspace)
    failed = {one.episode.path: one.failure for one in statuses if one.failure is not None}
    return failed | reporter.failures


def _bring_training_frames(
    workspace: Workspace,
    instance: dg.DagsterInstance,
    console: Console,
    options: FrameOptions,
) -> dict[str, str]:
    """Take training frames of every episode that has none like these."""
    config = TrainingFramesConfig(**asdict(options))
    missing = [
        status
        for status in statuses_for_learning(workspace)
        if status.has_frames and not has_training_frames(workspace.home, status, options)
    ]
    with shown(console, _sizes(missing), "training frames of") as reporter:
        for batch in batches(instance.get_dynamic_partitions(EPISODES), _keys(missing)):
            run_training_frames(instance, workspace, batch, config, reporter)
    return reporter.failures


def _report(model: KnownModel) -> Report:
    report = read_report(model.folder)
    if report is None:
        raise CommandError(f"{model.folder / REPORT_FILE}: cannot be read; train again")
    return report


def _before(model: KnownModel) -> Judged:
    stored = model.fact("metrics", "before")
    if not isinstance(stored, dict):
        raise CommandError(f"{model.folder / META_FILE}: tells no figures; delete it, train again")
    return Judged.from_json(stored)


def _sizes(statuses: list[EpisodeStatus]) -> dict[str, int]:
    return {status.episode.path: status.episode.size for status in statuses}


def _keys(statuses: list[EpisodeStatus]) -> set[str]:
    return {status.episode.key for status in statuses}

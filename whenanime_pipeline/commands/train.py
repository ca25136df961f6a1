"""`whenanime train`: from the folder to a model and its report, through Dagster in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import dagster as dg
import numpy as np
from filelock import Timeout
from rich.console import Console

from whenanime_pipeline.commands.cataloguing import update_catalogue
from whenanime_pipeline.commands.dataset_options import load_dataset_options
from whenanime_pipeline.commands.errors import CommandError
from whenanime_pipeline.commands.progress import show_progress
from whenanime_pipeline.commands.storage import convert_storage_errors
from whenanime_pipeline.commands.train_outcome import TrainOutcome
from whenanime_pipeline.commands.training_progress import show_training_progress
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import load_dataset
from whenanime_pipeline.core.learning.dataset.extraction import has_training_frames
from whenanime_pipeline.core.learning.dataset.options import FrameOptions
from whenanime_pipeline.core.learning.evaluation import RetrievalMetrics
from whenanime_pipeline.core.learning.network.initial_weights import build_initial_network
from whenanime_pipeline.core.learning.report.model_report import ModelReport, read_report
from whenanime_pipeline.core.learning.training.recipe import Recipe, build_recipe
from whenanime_pipeline.core.learning.training.unfinished_trainings import list_unfinished_trainings
from whenanime_pipeline.core.learning.training_data import TrainingData
from whenanime_pipeline.core.library.change_detection import STEADY_INTERVAL
from whenanime_pipeline.core.models.registry import (
    BASE_NAME,
    REPORT_FILE,
    RegisteredModel,
    find_model,
)
from whenanime_pipeline.core.search.embedding.model_files import META_FILE
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.episode_processing import statuses_for_learning
from whenanime_pipeline.defs.learning_config import (
    DatasetConfig,
    ModelConfig,
    RecipeName,
    TrainingFramesConfig,
    ViewsConfig,
)
from whenanime_pipeline.defs.orphaned_runs import (
    LOCK_TIMEOUT,
    OWNER_LOCKS,
    TRAIN_OWNER,
    fail_orphaned_runs,
)
from whenanime_pipeline.defs.partitions import EPISODE_PARTITIONS
from whenanime_pipeline.orchestration.dagster_instance import open_instance
from whenanime_pipeline.orchestration.job_runner import (
    batch_partitions,
    run_frame_extraction,
    run_training,
    run_training_frame_extraction,
)


def train_model(
    workspace: Workspace,
    console: Console,
    *,
    name: str = "ours",
    frames: int | None = None,
    steady_after: float = STEADY_INTERVAL,
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
    _check_initial_network(build_recipe(name, **options))
    model = ModelConfig(recipe=RecipeName[name], **options)
    home = workspace.home
    with _exclusive_training(home), convert_storage_errors(home), open_instance(home) as instance:
        fail_orphaned_runs(instance, home, OWNER_LOCKS, own=TRAIN_OWNER)
        diff = update_catalogue(workspace, instance, console, steady_after)
        problems = {problem.path: problem.reason for problem in diff.problems}
        problems |= _ensure_frames(workspace, instance, console)
        choices = load_dataset_options(workspace, frames=frames)
        problems |= _ensure_training_frames(workspace, instance, console, choices.training_frames)
        config = {
            "dataset": DatasetConfig(**asdict(choices.dataset)),
            "validation_views": ViewsConfig(**asdict(choices.validation_views)),
            "retrieval_model": model,
        }
        cut_off = max((one.epoch for one in list_unfinished_trainings(home)), default=0)
        with show_training_progress(console, cut_off=cut_off) as bars:
            trained = run_training(instance, workspace, config, bars)
        report = _load_report(trained.model)
        rival = find_model(home, report.baseline_id)
        return TrainOutcome(
            model=trained.model,
            is_new=trained.is_new,
            dataset_options=choices,
            baseline=_load_baseline(trained.model),
            report=report,
            rival=BASE_NAME if rival.is_shipped else rival.id,
            dataset=load_dataset(home),
            problems=problems,
        )


def _check_initial_network(recipe: Recipe) -> None:
    """Build the network that a training begins with, once for nothing.

    Raises:
        NetworkError: it cannot be built.
        WeightsError: its weights are damaged, or cannot be fetched.
    """
    none = np.zeros((0, recipe.picture_side, recipe.picture_side, 3), np.uint8)
    channels = (0.0, 0.0, 0.0)
    # Of the material only its colours go into a network, and they can be any.
    build_initial_network(
        recipe, TrainingData("", none, none[..., 0], none, none, channels, channels)
    )


@contextmanager
def _exclusive_training(home: Home) -> Iterator[None]:
    """Hold what says that a training is at this home, or say that another one is."""
    lock = home.lock(OWNER_LOCKS[TRAIN_OWNER])
    try:
        lock.acquire(timeout=LOCK_TIMEOUT)
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


def _ensure_frames(
    workspace: Workspace, instance: dg.DagsterInstance, console: Console
) -> dict[str, str]:
    """Ensure that all episodes have frames: the split compares them."""
    statuses = statuses_for_learning(workspace)
    missing = [one for one in statuses if not one.has_frames and one.failure is None]
    with show_progress(console, _sizes(missing), "frames of") as reporter:
        for batch in batch_partitions(
            instance.get_dynamic_partitions(EPISODE_PARTITIONS), _keys(missing)
        ):
            run_frame_extraction(instance, workspace, batch, reporter)
    statuses = statuses_for_learning(workspace)
    failed = {one.episode.path: one.failure for one in statuses if one.failure is not None}
    return failed | reporter.failures


def _ensure_training_frames(
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
    with show_progress(console, _sizes(missing), "training frames of") as reporter:
        for batch in batch_partitions(
            instance.get_dynamic_partitions(EPISODE_PARTITIONS), _keys(missing)
        ):
            run_training_frame_extraction(instance, workspace, batch, config, reporter)
    return reporter.failures


def _load_report(model: RegisteredModel) -> ModelReport:
    report = read_report(model.folder)
    if report is None:
        raise CommandError(f"{model.folder / REPORT_FILE}: cannot be read; train again")
    return report


def _load_baseline(model: RegisteredModel) -> RetrievalMetrics:
    stored = model.find_meta_value("metrics", "before")
    if not isinstance(stored, dict):
        raise CommandError(f"{model.folder / META_FILE}: tells no figures; delete it, train again")
    return RetrievalMetrics.from_json(stored)


def _sizes(statuses: list[EpisodeStatus]) -> dict[str, int]:
    return {status.episode.path: status.episode.size for status in statuses}


def _keys(statuses: list[EpisodeStatus]) -> set[str]:
    return {status.episode.key for status in statuses}

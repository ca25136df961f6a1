"""`whenanime train`: trains and evaluates a model, through Dagster in this process."""

from dataclasses import asdict
from typing import Any

from rich.console import Console

from whenanime_pipeline.commands.cataloguing import update_catalogue
from whenanime_pipeline.commands.dataset_options import load_dataset_options
from whenanime_pipeline.commands.storage_errors import convert_storage_errors
from whenanime_pipeline.commands.train_outcome import TrainOutcome, load_outcome
from whenanime_pipeline.commands.training_checks import check_initial_network, exclusive_training
from whenanime_pipeline.commands.training_frames import ensure_frames, ensure_training_frames
from whenanime_pipeline.commands.training_progress import show_training_progress
from whenanime_pipeline.core.learning.training.recipe import build_recipe
from whenanime_pipeline.core.learning.training.unfinished_trainings import list_unfinished_trainings
from whenanime_pipeline.core.library.change_detection import STEADY_INTERVAL
from whenanime_pipeline.core.workspace import Workspace
from whenanime_pipeline.defs.learning_config import (
    DatasetConfig,
    ModelConfig,
    RecipeName,
    ViewsConfig,
)
from whenanime_pipeline.defs.orphaned_runs import OWNER_LOCKS, TRAIN_OWNER, fail_orphaned_runs
from whenanime_pipeline.orchestration.dagster_instance import open_instance
from whenanime_pipeline.orchestration.job_runner import run_training


def train_model(
    workspace: Workspace,
    console: Console,
    *,
    name: str = "ours",
    frames: int | None = None,
    steady_after: float = STEADY_INTERVAL,
    **options: Any,  # noqa: ANN401 each is checked by the recipe
) -> TrainOutcome:
    """Update the catalogue, extract missing frames, train a model and evaluate it.

    Does only what is missing or has changed; an interrupted training is resumed.

    Args:
        workspace: the library.
        console: console to draw the progress on.
        name: name of the recipe.
        frames: training frames per episode; None for the present number.
        steady_after: seconds without a change after which a file counts as completely copied.
        options: options of `ModelConfig`; None for those of the recipe.

    Raises:
        KeyboardInterrupt: the command was interrupted; finished work is kept.
        LibraryError: the videos folder is missing or cannot be read.
        LearningError: an option is invalid, the data are too few, or the training failed.
        CommandError: another training uses this home, or the home cannot be written to.
    """
    # Report invalid options before hours of decoding.
    check_initial_network(build_recipe(name, **options))
    model = ModelConfig(recipe=RecipeName[name], **options)
    home = workspace.home
    with exclusive_training(home), convert_storage_errors(home), open_instance(home) as instance:
        fail_orphaned_runs(instance, home, OWNER_LOCKS, own=TRAIN_OWNER)
        diff = update_catalogue(workspace, instance, console, steady_after)
        problems = {problem.path: problem.reason for problem in diff.problems}
        problems |= ensure_frames(workspace, instance, console)
        choices = load_dataset_options(workspace, frames=frames)
        problems |= ensure_training_frames(workspace, instance, console, choices.training_frames)
        config = {
            "dataset": DatasetConfig(**asdict(choices.dataset)),
            "validation_views": ViewsConfig(**asdict(choices.validation_views)),
            "retrieval_model": model,
        }
        cut_off = max((one.epoch for one in list_unfinished_trainings(home)), default=0)
        with show_training_progress(console, cut_off=cut_off) as bars:
            trained = run_training(instance, workspace, config, bars)
        return load_outcome(
            home, trained.model, is_new=trained.is_new, options=choices, problems=problems
        )

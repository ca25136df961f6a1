"""Makes a small library for training, and trains on it within seconds."""

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from sample_videos import copy_workspace, new_workspace, reopen, write_film

from whenanime_pipeline.commands.train import train_model
from whenanime_pipeline.commands.train_outcome import TrainOutcome
from whenanime_pipeline.core.workspace import Workspace

TINY: dict[str, Any] = {"backbone": "squeezenet1_1", "size": 32, "epochs": 2, "batch_size": 8}
"""Options of a training recipe whose epochs take a second."""
_OUTCOME = "outcome.pickle"


def make_learning_library(folder: Path, *, count: int = 4) -> Workspace:
    """Return a library of several short episodes without common pictures."""
    workspace = new_workspace(folder)
    _write_films(workspace, count)
    return workspace


def _write_films(workspace: Workspace, count: int) -> None:
    for number in range(1, count + 1):
        write_film(workspace.videos_folder / f"Show - S01E{number:02d}.mp4", seed=number, seconds=5)


def copy_trained_library(folder: Path) -> tuple[Workspace, TrainOutcome]:
    """Copy such a library with what a training on it left; the run trains once.

    Returns:
        The library, and the training's outcome.
    """

    def make(workspace: Workspace) -> None:
        _write_films(workspace, 4)
        outcome = run_training(workspace)
        (workspace.home.root.parent / _OUTCOME).write_bytes(pickle.dumps(outcome))

    workspace = copy_workspace("trained", make, folder)
    outcome: TrainOutcome = pickle.loads((folder / _OUTCOME).read_bytes())
    copied = workspace.home.models / outcome.model.folder.name
    return workspace, replace(outcome, model=replace(outcome.model, folder=copied))


def run_training(workspace: Workspace, **options: Any) -> TrainOutcome:
    """Run the work of `whenanime train` without waiting for files to be copied."""
    console = Console(quiet=True)
    recipe = {**TINY, **options}
    return train_model(reopen(workspace), console, frames=6, steady_after=0.01, **recipe)

"""A small library to learn from, and a training of seconds."""

from pathlib import Path
from typing import Any

from rich.console import Console
from sample_videos import new_workspace, reopen, write_film

from whenanime_pipeline.commands.train import train_model
from whenanime_pipeline.commands.train_outcome import TrainOutcome
from whenanime_pipeline.core.workspace import Workspace

TINY: dict[str, Any] = {"backbone": "squeezenet1_1", "size": 32, "epochs": 2, "batch_size": 8}
"""Options of a recipe with which an epoch takes a second."""


def make_learning_library(folder: Path, *, count: int = 4) -> Workspace:
    """Return a library of several short episodes that share nothing."""
    workspace = new_workspace(folder)
    for number in range(1, count + 1):
        write_film(workspace.videos_folder / f"Show - S01E{number:02d}.mp4", seed=number, seconds=5)
    return workspace


def run_training(workspace: Workspace, **options: Any) -> TrainOutcome:
    """Run what `whenanime train` runs; nothing is being copied here, so it need not wait."""
    console = Console(quiet=True)
    changed = {**TINY, **options}
    return train_model(reopen(workspace), console, frames=6, steady_after=0.01, **changed)

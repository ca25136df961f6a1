"""Makes a small library for training, and trains on it within seconds."""

from pathlib import Path
from typing import Any

from rich.console import Console
from sample_videos import new_workspace, reopen, write_film

from whenanime_pipeline.commands.train import train_model
from whenanime_pipeline.commands.train_outcome import TrainOutcome
from whenanime_pipeline.core.workspace import Workspace

TINY: dict[str, Any] = {"backbone": "squeezenet1_1", "size": 32, "epochs": 2, "batch_size": 8}
"""Options of a training recipe whose epochs take a second."""


def make_learning_library(folder: Path, *, count: int = 4) -> Workspace:
    """Return a library of several short episodes without common pictures."""
    workspace = new_workspace(folder)
    for number in range(1, count + 1):
        write_film(workspace.videos_folder / f"Show - S01E{number:02d}.mp4", seed=number, seconds=5)
    return workspace


def run_training(workspace: Workspace, **options: Any) -> TrainOutcome:
    """Run the work of `whenanime train` without waiting for files to be copied."""
    console = Console(quiet=True)
    recipe = {**TINY, **options}
    return train_model(reopen(workspace), console, frames=6, steady_after=0.01, **recipe)

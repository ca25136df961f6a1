"""A training's state on disk, so that it survives being cut off."""

import pickle
from pathlib import Path
from typing import Any

import torch

from whenanime_pipeline.core.files import written_beside
from whenanime_pipeline.core.learning.errors import WeightsError

CHECKPOINT_FILE = "checkpoint.pt"


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Replace the checkpoint in one step; on an error the one before stays.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    with written_beside(path) as part, part.open("wb") as file:
        try:
            torch.save(state, file)
        except RuntimeError as error:  # torch's own words hide what the disk said
            cause = error.__context__
            if not isinstance(cause, OSError):
                raise
            raise OSError(cause.errno, cause.strerror, str(path)) from error


def load_checkpoint(path: Path, *, identity: dict[str, Any]) -> dict[str, Any]:
    """Read a checkpoint; nothing in it is ever executed.

    Args:
        path: the file.
        identity: of the training that wants to go on; the saved one must be the same.

    Raises:
        WeightsError: the file is damaged, holds more than tensors and plain values, or belongs to
            a training with other options.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        found = state["identity"]
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError) as error:
        raise WeightsError(f"{path}: not a checkpoint; delete it to begin again: {error}") from (
            error
        )
    if found != identity:
        raise WeightsError(
            f"{path}: from a training with other options or frames; delete it to begin again"
        )
    return dict(state)

"""Lists and deletes interrupted trainings, which are folders next to the models; without torch."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.errors import LearningError
from whenanime_pipeline.core.learning.training.log import LOG_FILE, read_log
from whenanime_pipeline.core.models.registry import TRAINING_PREFIX

_MAX_AGE = 24 * 3600.0
"""Seconds without a change after which an interrupted training is deleted."""


@dataclass(frozen=True, slots=True)
class UnfinishedTraining:
    """A running or interrupted training.

    Attributes:
        training_id: id of the training, as of `compute_training_id`.
        epoch: number of epochs finished and saved.
        modified_at: time of the last write, in seconds since 1970.
    """

    training_id: str
    epoch: int
    modified_at: float


def training_folder(home: Home, training_id: str) -> Path:
    """Return the folder of a training's checkpoint and log, until its model is complete."""
    return home.models / f"{TRAINING_PREFIX}{training_id}"


def list_unfinished_trainings(home: Home) -> list[UnfinishedTraining]:
    """Return a home's resumable trainings, the last modified first."""
    found = [_read_unfinished(folder) for folder in _folders(home)]
    return sorted(filter(None, found), key=lambda one: (-one.modified_at, one.training_id))


def delete_stale_trainings(home: Home) -> None:
    """Delete the folders of trainings that were not written to for a day.

    The caller holds the lock `train`, so that none of them is running.
    """
    oldest = time.time() - _MAX_AGE
    for folder in _folders(home):
        if _modified_at(folder) < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _folders(home: Home) -> list[Path]:
    return [one for one in home.models.glob(f"{TRAINING_PREFIX}*") if one.is_dir()]


def _read_unfinished(folder: Path) -> UnfinishedTraining | None:
    """Return an unfinished training; None when nothing was saved."""
    try:
        rows = read_log(folder / LOG_FILE)
        epoch = rows[-1].epoch
    except (LearningError, IndexError):
        return None
    return UnfinishedTraining(
        folder.name.removeprefix(TRAINING_PREFIX), epoch, _modified_at(folder)
    )


def _modified_at(folder: Path) -> float:
    """Return the last modification time of a folder's files; now if it is being deleted."""
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except OSError:
        return time.time()

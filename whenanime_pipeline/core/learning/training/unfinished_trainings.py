"""Trainings that were cut off: folders beside the models; no torch here."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.errors import LearningError
from whenanime_pipeline.core.learning.training.log import LOG_FILE, read_log
from whenanime_pipeline.core.models.registry import TRAINING_PREFIX

_KEPT = 24 * 3600.0
"""Seconds without a change after which nobody is expected to go on with a training."""


@dataclass(frozen=True, slots=True)
class UnfinishedTraining:
    """A training that is going on, or was cut off.

    Attributes:
        training_id: of its question.
        epoch: epochs that are over and saved.
        modified_at: when something was written last, in seconds since 1970.
    """

    training_id: str
    epoch: int
    modified_at: float


def training_folder(home: Home, training_id: str) -> Path:
    """Return where a training keeps what it has until its model is whole."""
    return home.models / f"{TRAINING_PREFIX}{training_id}"


def list_unfinished_trainings(home: Home) -> list[UnfinishedTraining]:
    """Return a home's trainings with something to go on from, the one changed last first."""
    found = [_read_unfinished(folder) for folder in _folders(home)]
    return sorted(filter(None, found), key=lambda one: (-one.modified_at, one.training_id))


def delete_stale_trainings(home: Home) -> None:
    """Delete the folders of trainings in which nothing was written for a day.

    The caller holds the lock `train`, so that none of them is going on.
    """
    oldest = time.time() - _KEPT
    for folder in _folders(home):
        if _modified_at(folder) < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _folders(home: Home) -> list[Path]:
    return [one for one in home.models.glob(f"{TRAINING_PREFIX}*") if one.is_dir()]


def _read_unfinished(folder: Path) -> UnfinishedTraining | None:
    """Return what is known of a training; None where nothing was saved."""
    try:
        rows = read_log(folder / LOG_FILE)
        epoch = rows[-1].epoch
    except (LearningError, IndexError):
        return None
    return UnfinishedTraining(
        folder.name.removeprefix(TRAINING_PREFIX), epoch, _modified_at(folder)
    )


def _modified_at(folder: Path) -> float:
    """Return when a folder or something in it was written last; now, where it is just going."""
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except OSError:
        return time.time()

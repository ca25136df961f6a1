"""Shares files between the processes of a test run, written once and then only read."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

_VARIABLE = "WHENANIME_TEST_RUN"
_DONE = ".done"


def open_run_folder() -> None:
    """Create the folder of this run; later processes find its path in the environment."""
    os.environ[_VARIABLE] = tempfile.mkdtemp(prefix="whenanime-tests-")


def delete_run_folder() -> None:
    """Delete the folder of this run."""
    shutil.rmtree(os.environ.pop(_VARIABLE), ignore_errors=True)


def make_once(name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that one process of the run fills while the others wait.

    Args:
        name: Name of the folder.
        make: Function that fills an empty folder.
    """
    run = Path(os.environ[_VARIABLE])
    folder = run / name
    with FileLock(run / f"{name}.lock"):
        if not (folder / _DONE).exists():
            shutil.rmtree(folder, ignore_errors=True)  # left by a test that failed
            folder.mkdir()
            make(folder)
            (folder / _DONE).touch()
    return folder


def copy_once(name: str, make: Callable[[Path], object], target: Path) -> Path:
    """Copy the folder of `make_once` with its times to a target; return the target."""
    shutil.copytree(make_once(name, make), target, ignore=shutil.ignore_patterns(_DONE))
    return target

"""A folder that all processes of one test run share, for what is made once and only read after."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

_VARIABLE = "WHENANIME_TEST_RUN"
_DONE = ".done"


def open_run_folder() -> None:
    """Make the folder of this run; processes that are started later find it in the environment."""
    os.environ[_VARIABLE] = tempfile.mkdtemp(prefix="whenanime-tests-")


def delete_run_folder() -> None:
    """Delete the folder of this run."""
    shutil.rmtree(os.environ.pop(_VARIABLE), ignore_errors=True)


def make_once(name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that one process of the run fills, while the others wait for it.

    Args:
        name: of the folder.
        make: fills the empty folder that it is given.
    """
    run = Path(os.environ[_VARIABLE])
    folder = run / name
    with FileLock(run / f"{name}.lock"):
        if not (folder / _DONE).exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a test that failed in the middle
            folder.mkdir()
            make(folder)
            (folder / _DONE).touch()
    return folder


def copy_once(name: str, make: Callable[[Path], object], target: Path) -> Path:
    """Copy what `make_once` makes to a folder of the test's own, with its times; return that."""
    shutil.copytree(make_once(name, make), target, ignore=shutil.ignore_patterns(_DONE))
    return target

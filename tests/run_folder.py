"""Shares files between the processes of a test run, written once and then only read."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

_VARIABLE = "WHENANIME_TEST_RUN"
_DONE = ".done"
_MEMORY = Path("/dev/shm")
_ROOM = 8 << 30
"""Bytes that must be free there: a whole run takes up to 3 GB."""


def open_run_folder() -> None:
    """Create the folder of this run; later processes find its path in the environment.

    Temporary files are kept in memory where there is room for them and programs may be run from
    there: Dagster's databases wait for the disk hundreds of times an index.
    """
    if "TMPDIR" not in os.environ and _has_room(_MEMORY):
        tempfile.tempdir = os.environ["TMPDIR"] = str(_MEMORY)
    os.environ[_VARIABLE] = tempfile.mkdtemp(prefix="whenanime-tests-")


def _has_room(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize > _ROOM and not disk.f_flag & os.ST_NOEXEC


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
    """Copy the folder of `make_once` with its times to a target; return the target.

    Names of one file are names of one file in the copy too.
    """
    copies: dict[int, str] = {}

    def copy(source: str, place: str) -> None:
        inode = Path(source).stat().st_ino
        if inode in copies:
            Path(place).hardlink_to(copies[inode])
        else:
            shutil.copy2(source, place)
            copies[inode] = place

    shutil.copytree(
        make_once(name, make),
        target,
        ignore=shutil.ignore_patterns(_DONE),
        copy_function=copy,
        dirs_exist_ok=True,
    )
    return target

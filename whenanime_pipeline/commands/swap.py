"""A folder that takes the place of another in one step, and leaves what is somebody's own."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whenanime_pipeline.core.files import sync, write_json

MARKER = "export.json"
"""Tells a folder of ours from one of somebody's own, and in it what is ours."""

_FILES = "files"


def is_ours(folder: Path) -> bool:
    """Return whether a folder was written by `written_folder`."""
    return _ours(folder) is not None


@contextmanager
def written_folder(target: Path, about: dict[str, object]) -> Iterator[Path]:
    """Yield an empty folder to write to; on success it takes the place of `target`.

    What is in `target` and was not written by us, such as `.git`, is in the new one as well. On an
    exception `target` is left as it was. A run that was killed on its way is mended by the next.

    Args:
        target: missing, empty, or ours.
        about: is put into the marker.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part, old = _beside(target, "part"), _beside(target, "old")
    _settle(target, old)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        yield part
        files = sorted({path.name for path in part.iterdir()} | {MARKER})
        write_json(part / MARKER, about | {_FILES: files})
        sync(part)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    if target.exists():
        target.rename(old)
    part.rename(target)
    sync(target.parent)
    _settle(target, old)


def _settle(target: Path, old: Path) -> None:
    """Finish, or take back, what a run left half-way."""
    if not old.exists():
        return
    if not target.exists():
        old.rename(target)
        return
    ours = _ours(old) or set()
    for path in old.iterdir():
        if path.name not in ours and not (target / path.name).exists():
            path.rename(target / path.name)
    shutil.rmtree(old)


def _ours(folder: Path) -> set[str] | None:
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    files = marker.get(_FILES) if isinstance(marker, dict) else None
    return set(map(str, files)) if isinstance(files, list) else None


def _beside(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{kind}")

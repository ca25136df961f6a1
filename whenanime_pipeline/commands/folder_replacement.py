"""A folder that takes the place of another in one step, and leaves what is somebody's own."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whenanime_pipeline.core.files import flush_to_disk, write_json

MARKER = "export.json"
"""Tells a folder of ours from one of somebody's own, and in it what is ours."""

_FILES = "files"


def has_marker(folder: Path) -> bool:
    """Return whether a folder was written by `replace_folder`."""
    return _marked_files(folder) is not None


@contextmanager
def replace_folder(target: Path, metadata: dict[str, object]) -> Iterator[Path]:
    """Yield an empty folder to write to; on success it takes the place of `target`.

    What is in `target` and was not written by us, such as `.git`, is in the new one as well. On an
    exception `target` is left as it was. A run that was killed on its way is mended by the next.

    Args:
        target: missing, empty, or ours.
        metadata: is put into the marker.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part, old = _sibling(target, "part"), _sibling(target, "old")
    _finish_replacement(target, old)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        yield part
        files = sorted({path.name for path in part.iterdir()} | {MARKER})
        write_json(part / MARKER, metadata | {_FILES: files})
        flush_to_disk(part)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    if target.exists():
        target.rename(old)
    part.rename(target)
    flush_to_disk(target.parent)
    _finish_replacement(target, old)


def _finish_replacement(target: Path, old: Path) -> None:
    """Finish, or take back, what a run left half-way."""
    if not old.exists():
        return
    if not target.exists():
        old.rename(target)
        return
    ours = _marked_files(old) or set()
    for path in old.iterdir():
        if path.name not in ours and not (target / path.name).exists():
            path.rename(target / path.name)
    shutil.rmtree(old)


def _marked_files(folder: Path) -> set[str] | None:
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    files = marker.get(_FILES) if isinstance(marker, dict) else None
    return set(map(str, files)) if isinstance(files, list) else None


def _sibling(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{kind}")

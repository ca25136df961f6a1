"""Keeps what was read from files for as long as the files stay as they were."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")
_Stamp = tuple[tuple[int, int, int, int] | None, ...]


class FileCache(Generic[T]):
    """Holds one value that was read from some files, and reads it again when one has changed.

    Files of ours are replaced by renaming, so that inode, size and times tell every change.
    """

    def __init__(self) -> None:
        self._held: tuple[_Stamp, T] | None = None

    def get(self, paths: Sequence[Path], read: Callable[[], T]) -> T:
        """Return the value, read now unless the files are as they were.

        Args:
            paths: files that it is read from; one may be missing.
            read: reads it.
        """
        # Before reading: what changes meanwhile is read again the next time.
        stamp = _stamp(paths)
        if self._held is None or self._held[0] != stamp:
            self._held = stamp, read()
        return self._held[1]

    def put(self, paths: Sequence[Path], value: T) -> None:
        """Hold a value that was just written to the files."""
        self._held = _stamp(paths), value


def _stamp(paths: Sequence[Path]) -> _Stamp:
    return tuple(_stamp_file(path) for path in paths)


def _stamp_file(path: Path) -> tuple[int, int, int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns

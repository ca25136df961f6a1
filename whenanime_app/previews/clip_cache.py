"""Stills and moving previews of a place in a video, the moving ones kept on disk for a while."""

import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

MAX_CLIP_SECONDS = 5.0
"""As trace.moe: a preview is no longer than this."""
MIN_CLIP_SECONDS = 2.0
"""A shorter loop only flickers."""
_LEAD_SECONDS = 1.5
# A file that was handed out is being read; a preview is sent within this many seconds or never.
_IN_USE_SECONDS = 60.0


def compute_clip_bounds(
    start: float, at: float, end: float, duration: float
) -> tuple[float, float]:
    """Return where a preview begins and ends.

    The scene itself when it has a good length; a short one is widened evenly, and of a long one
    the part around the best second is shown.

    Args:
        start: seconds where the scene begins.
        at: seconds of the best hit, within the scene.
        end: seconds where it ends.
        duration: seconds of the file; 0 when unknown.

    Returns:
        Seconds with `0 <= begin < finish <= begin + 5`; `at` lies within.
    """
    if end - start > MAX_CLIP_SECONDS:
        begin = min(max(start, at - _LEAD_SECONDS), end - MAX_CLIP_SECONDS)
        finish = begin + MAX_CLIP_SECONDS
    else:
        missing = max(0.0, MIN_CLIP_SECONDS - (end - start))
        begin, finish = start - missing / 2, end + missing / 2
    if begin < 0:
        begin, finish = 0.0, min(finish - begin, MAX_CLIP_SECONDS)
    if 0 < duration < finish:
        begin, finish = max(0.0, begin - (finish - duration)), duration
    return begin, finish


class ClipCache:
    """Files under made-up names in one folder, the longest unused removed when they grow many."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        """Use a folder, which is made when the first file comes.

        Args:
            folder: nothing else may live here.
            max_bytes: how much all files may take together.
        """
        self._folder = folder
        self._max_bytes = max_bytes
        self._key_locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get_or_create(self, key: str, create: Callable[[], bytes]) -> Path:
        """Return the file of a key, made by `create` when it is not here.

        Of several threads that ask for one key at once, one makes it and the others wait.

        Raises:
            OSError: the folder cannot be written to.
        """
        path = self._folder / hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
        with self._guard:
            lock = self._key_locks.setdefault(path.name, threading.Lock())
        with lock:
            if not _touch(path):
                self._write(path, create())
                self._evict()
        with self._guard:
            if not lock.locked():
                self._key_locks.pop(path.name, None)
        return path

    def _write(self, path: Path, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            part.write_bytes(data)
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def _evict(self) -> None:
        files = sorted(
            ((status.st_mtime, status.st_size, path) for path, status in self._list_files()),
            key=lambda entry: entry[0],
        )
        total = sum(size for _, size, _ in files)
        for used, size, path in files:
            if total <= self._max_bytes or used > time.time() - _IN_USE_SECONDS:
                break
            path.unlink(missing_ok=True)
            total -= size

    def _list_files(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        for path in self._folder.iterdir():
            try:
                found.append((path, path.stat()))
            except FileNotFoundError:  # swept by another server of the same home
                continue
        return found


def _touch(path: Path) -> bool:
    """Note that a file is in use; return whether it is there."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True

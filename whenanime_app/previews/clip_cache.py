"""Computes the bounds of clips and caches clips on disk."""

import hashlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

MAX_CLIP_SECONDS = 5.0
"""Longest clip, as trace.moe's."""
MIN_CLIP_SECONDS = 2.0
"""Shortest clip: a shorter loop only flickers."""
_LEAD_SECONDS = 1.5
"""Seconds that a long scene's clip begins before the best hit."""
_IN_USE_SECONDS = 60.0
"""Seconds after its last use within which a file may still be being sent and is not removed."""


def compute_clip_bounds(
    start: float, at: float, end: float, duration: float
) -> tuple[float, float]:
    """Return the bounds of a scene's clip.

    The scene itself if its length is allowed; a short scene is extended on both sides, and a long
    one is cut to the part around the best hit.

    Args:
        start: start of the scene, seconds.
        at: time of the best hit within the scene, seconds.
        end: end of the scene, seconds.
        duration: duration of the video, seconds; 0 when unknown.

    Returns:
        Begin and end in seconds, with `0 <= begin < finish <= begin + 5` and `at` between them.
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
    """Files in one folder, the least recently used removed when they take too much space."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        """Make the cache; its folder is created with the first file.

        Args:
            folder: folder that contains nothing else.
            max_bytes: maximum bytes of all files together.
        """
        self._folder = folder
        self._max_bytes = max_bytes
        self._key_locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def get_or_create(self, key: str, create: Callable[[], bytes]) -> Path:
        """Return the file of a key, written from `create` when it is missing.

        Of several threads with the same key, one calls `create` and the others wait.

        Args:
            key: text that identifies the content.
            create: function that returns the file's bytes.

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
        files = []
        for path in self._folder.iterdir():
            try:
                files.append((path, path.stat()))
            except FileNotFoundError:  # removed by another server of the same home
                continue
        return files


def _touch(path: Path) -> bool:
    """Mark a file as used now; return whether it exists."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True

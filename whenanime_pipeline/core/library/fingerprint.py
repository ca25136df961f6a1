"""Recognise a video by a few pieces of its content, wherever it lies and whatever it is called."""

import hashlib
import os
from pathlib import Path

from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.library.errors import FingerprintError

_END_BYTES = 64 * 1024
"""Bytes read at the head and at the tail: container headers and indexes differ there."""
_PIECE_BYTES = 8 * 1024
_PIECE_COUNT = 14
"""Pieces in between: a download that stalled and went on has the same head, tail and size."""


def fingerprint_file(folder: Path, state: FileState) -> str | None:
    """Fingerprint a file, if it still is as it was seen.

    Reads 240 KiB at most, so that a library of terabytes is recognised in minutes.

    Args:
        folder: The videos folder.
        state: The file as a look saw it.

    Returns:
        32 hex digits, a hash of the size and of pieces of the content; None when the file's size
        or time of change is no longer the one seen, before or after reading: it is being written.

    Raises:
        FingerprintError: It cannot be read.
    """
    digest = hashlib.blake2b(state.size.to_bytes(8, "big"), digest_size=16)
    try:
        with (folder / state.path).open("rb", buffering=0) as file:
            if not _is_unchanged(file.fileno(), state):
                return None
            for start, length in _list_pieces(state.size):
                file.seek(start)
                digest.update(file.read(length))
            if not _is_unchanged(file.fileno(), state):
                return None
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error}); check its permissions and the disk"
        raise FingerprintError(state.path, reason) from error
    return digest.hexdigest()


def _is_unchanged(descriptor: int, state: FileState) -> bool:
    now = os.fstat(descriptor)
    return (now.st_size, now.st_mtime_ns) == (state.size, state.mtime_ns)


def _list_pieces(size: int) -> list[tuple[int, int]]:
    """Start and length of what is read of a file of `size` bytes; all of it where it is small."""
    if size <= 2 * _END_BYTES + _PIECE_COUNT * _PIECE_BYTES:
        return [(0, size)]
    step = (size - 2 * _END_BYTES - _PIECE_BYTES) / (_PIECE_COUNT - 1)
    middle = [(_END_BYTES + round(place * step), _PIECE_BYTES) for place in range(_PIECE_COUNT)]
    return [(0, _END_BYTES), *middle, (size - _END_BYTES, _END_BYTES)]

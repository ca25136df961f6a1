"""Fingerprints videos by a few pieces of their content, independent of path and name."""

import hashlib
import os
from pathlib import Path

from whenanime_pipeline.core.library.episode import FileState
from whenanime_pipeline.core.library.errors import FingerprintError

_END_BYTES = 64 * 1024
"""Bytes read at head and tail, where container headers and indexes differ."""
_PIECE_BYTES = 8 * 1024
_PIECE_COUNT = 14
"""Pieces read in between: a download with a missing part has the same head, tail and size."""


def fingerprint_file(folder: Path, state: FileState) -> str | None:
    """Compute a file's fingerprint if the file is unchanged since the scan.

    Reads at most 240 KiB, so that a library of terabytes takes minutes.

    Args:
        folder: Videos folder.
        state: State of the file in the scan.

    Returns:
        32 hex digits, a hash of the size and of pieces of the content; None when size or
        modification time differ from the scan before or after reading: the file is being written.

    Raises:
        FingerprintError: The file cannot be read.
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
    current = os.fstat(descriptor)
    return (current.st_size, current.st_mtime_ns) == (state.size, state.mtime_ns)


def _list_pieces(size: int) -> list[tuple[int, int]]:
    """Return start and length of the pieces read of a file of `size` bytes; a small one whole."""
    if size <= 2 * _END_BYTES + _PIECE_COUNT * _PIECE_BYTES:
        return [(0, size)]
    step = (size - 2 * _END_BYTES - _PIECE_BYTES) / (_PIECE_COUNT - 1)
    middle = [(_END_BYTES + round(number * step), _PIECE_BYTES) for number in range(_PIECE_COUNT)]
    return [(0, _END_BYTES), *middle, (size - _END_BYTES, _END_BYTES)]

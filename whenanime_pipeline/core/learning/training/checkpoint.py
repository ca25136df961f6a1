"""Saves and loads a training's state.

The file begins with a digest of the rest, as torch loads damaged tensors without an error.
"""

import pickle
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

import torch

from whenanime_pipeline.core.files import atomic_write
from whenanime_pipeline.core.learning.errors import WeightsError

CHECKPOINT_FILE = "checkpoint.pt"
STATE_MISMATCH_ERRORS = (TypeError, ValueError, LookupError, RuntimeError, AttributeError)
"""Errors of loading a state that does not fit."""
_MAGIC = b"whenanime state\n"
_DIGEST = 16  # bytes
_BLOCK = 1 << 20


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Replace the checkpoint atomically; on an error the previous one stays.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    with atomic_write(path) as part, part.open("wb") as file:
        file.write(_MAGIC + bytes(_DIGEST))
        digested = _DigestingFile(file)
        try:
            torch.save(state, digested)  # type: ignore[arg-type]  # only writes, in order
        except RuntimeError as error:  # torch's message hides the disk's error
            cause = error.__context__
            if not isinstance(cause, OSError):
                raise
            raise OSError(cause.errno, cause.strerror, str(path)) from error
        file.seek(len(_MAGIC))
        file.write(digested.digest.digest())


def load_checkpoint(path: Path, *, identity: dict[str, Any]) -> dict[str, Any]:
    """Load a checkpoint without executing anything in it.

    Args:
        path: file of the checkpoint.
        identity: identity of the training, which must equal the saved one.

    Raises:
        WeightsError: the file is damaged, holds more than tensors and plain values, or belongs to
            a training with other options.
    """
    try:
        with path.open("rb") as file:
            _verify_digest(file)
            state = torch.load(file, map_location="cpu", weights_only=True)
        found = state["identity"]
    except (OSError, EOFError, pickle.UnpicklingError, *STATE_MISMATCH_ERRORS) as error:
        raise WeightsError(f"{path}: not a checkpoint; delete it to begin again: {error}") from (
            error
        )
    if found != identity:
        raise WeightsError(
            f"{path}: from a training with other options or frames, or of another version; delete "
            "it to begin again"
        )
    return dict(state)


def _verify_digest(file: IO[bytes]) -> None:
    """Verify the digest, and leave the file position where torch's part begins.

    Raises:
        ValueError: the file is damaged or not a checkpoint.
    """
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("it begins otherwise")
    expected, found = file.read(_DIGEST), blake2b(digest_size=_DIGEST)
    begin = file.tell()
    while block := file.read(_BLOCK):
        found.update(block)
    if found.digest() != expected:
        raise ValueError("damaged: its digest differs")
    file.seek(begin)


class _DigestingFile:
    """A file that is written from begin to end, and what has been written digested."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, blake2b(digest_size=_DIGEST)

    def write(self, content: bytes) -> int:
        """Write all of `content`."""
        self.digest.update(content)
        return self._file.write(content)

    def flush(self) -> None:
        """Hand over to the system what is buffered."""
        self._file.flush()

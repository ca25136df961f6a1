"""NumPy archives of our own: written atomically, and read with every checksum verified."""

import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.files import atomic_write

# Exceptions of zipfile and numpy for wrong checksums, sizes, methods, headers and names.
_DAMAGE: tuple[type[Exception], ...] = (
    *(OSError, ValueError, KeyError, EOFError, RuntimeError, MemoryError, OverflowError),
    *(struct.error, zipfile.BadZipFile, zlib.error),
)


class NpzError(ValueError):
    """An archive is missing, damaged, or lacks an array that is asked for."""


def write_npz(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays, atomically.

    Raises:
        OSError: the file cannot be written.
    """
    with atomic_write(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def read_npz(path: Path, kinds: Mapping[str, tuple[type[np.generic], int]]) -> dict[str, Any]:
    """Read arrays, verifying checksums.

    Args:
        path: the archive.
        kinds: type and number of dimensions of each array to read.

    Raises:
        NpzError: the archive is missing or damaged, or an array is of another kind.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            found = {name: stored[name] for name in kinds}
    except _DAMAGE as error:
        raise NpzError(str(error)) from error
    for name, (kind, dimensions) in kinds.items():
        if found[name].dtype != kind or found[name].ndim != dimensions:
            raise NpzError(f"its {name} are {found[name].dtype} of {found[name].ndim} dimensions")
    return found


def encode_json(value: object) -> NDArray[np.uint8]:
    """Return a JSON-like value as an array, to be stored with others."""
    return np.frombuffer(json.dumps(value, ensure_ascii=False).encode(), np.uint8)


def decode_json(array: NDArray[np.uint8]) -> Any:  # noqa: ANN401  (as the file says)
    """Return the value of `encode_json`.

    Raises:
        NpzError: it is none.
    """
    try:
        return json.loads(array.tobytes())
    except ValueError as error:
        raise NpzError(str(error)) from error

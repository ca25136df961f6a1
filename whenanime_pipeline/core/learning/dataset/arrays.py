"""Writes arrays of pictures row by row, and maps them to read."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from whenanime_pipeline.core.files import flush_to_disk


def write_rows(
    path: Path, rows: Iterable[NDArray[Any]], shape: tuple[int, ...], dtype: DTypeLike
) -> None:
    """Write an `.npy` file with one row in memory at a time.

    It is not written through a mapping, as one that runs out of disk kills the process.

    Args:
        path: file to write.
        rows: rows of the array, as many as the shape says.
        shape: shape of the whole array.
        dtype: dtype of the whole array.

    Raises:
        ValueError: the rows do not fit the shape.
        OSError: the disk is full, or the file cannot be written.
    """
    kind = np.dtype(dtype)
    header = {
        "descr": np.lib.format.dtype_to_descr(kind),
        "fortran_order": False,
        "shape": shape,
    }
    count = 0
    with path.open("wb") as file:
        np.lib.format.write_array_header_2_0(file, header)
        for count, row in enumerate(rows, 1):  # noqa: B007  counted for the check below
            if np.shape(row) != shape[1:]:
                raise ValueError(f"{path}: a row of {np.shape(row)} in an array of {shape}")
            file.write(np.ascontiguousarray(row, kind).tobytes())
    if count != shape[0]:
        raise ValueError(f"{path}: {count} rows in an array of {shape}")
    flush_to_disk(path)


def read_rows(path: Path, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any] | None:
    """Map an `.npy` file.

    Returns:
        The read-only array; None when the file is missing, truncated, or of another shape.
    """
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return array if array.shape == shape and array.dtype == np.dtype(dtype) else None

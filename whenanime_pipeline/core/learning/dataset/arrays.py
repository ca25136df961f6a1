"""Arrays of pictures in files: written row by row, read by mapping."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from whenanime_pipeline.core.files import flush_to_disk


def write_rows(
    path: Path, rows: Iterable[NDArray[Any]], shape: tuple[int, ...], dtype: DTypeLike
) -> None:
    """Write an `.npy` file of which only one row is ever in memory.

    Written and not mapped: a mapping that runs out of disk ends the process without a word.

    Args:
        path: of the file.
        rows: as many as the shape says, each of the shape's rest.
        shape: of the whole array.
        dtype: of the whole array.

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
        The array, only to be read; None when the file is missing, cut, or of another shape.
    """
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return array if array.shape == shape and array.dtype == np.dtype(dtype) else None

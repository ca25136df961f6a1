"""Gray levels of stored frames: which of them show next to nothing.

Neither hashes nor embeddings say so, and decoding all frames takes a tenth of a millisecond each,
even at an eighth of their size; so it is done once and stored.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.files import hash_json
from whenanime_pipeline.core.npz_file import NpzError, read_npz, write_npz
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.themes.tracks.errors import TrackError

CODE_VERSION = 1
"""Incremented whenever other statistics are stored."""
FLAT_SPREAD = 4.0
"""Standard deviation of gray levels below which a frame is flat. In a film, black and what fades
into it have 0 to 4, and the plainest picture that shows something 6."""
_KINDS: dict[str, tuple[type[np.generic], int]] = {"spread": (np.float16, 1)}


def picture_statistics_id() -> str:
    """Return the id of everything that decides what is stored of a frame."""
    return hash_json({"code": CODE_VERSION})


def measure_spread(frames: FramesFile) -> NDArray[np.float16]:
    """Return the standard deviation of each stored frame's gray levels, `(frames,)`.

    Raises:
        FramesError: a stored frame cannot be decoded.
    """
    spread = [
        _measure_picture(picture, frames.path)
        for batch in frames.batches()
        for picture in batch.column("picture").to_pylist()
    ]
    return np.array(spread, np.float16)


def _measure_picture(picture: bytes, path: Path) -> float:
    gray = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)
    if gray is None:
        raise FramesError(f"{path}: a stored frame cannot be decoded; delete it and index again")
    return float(np.std(gray))


def write_spread(path: Path, spread: NDArray[np.float16]) -> None:
    """Store the result of `measure_spread`, atomically.

    Raises:
        OSError: the file cannot be written.
    """
    write_npz(path, {"spread": spread})


def read_flat(path: Path, frames: int) -> NDArray[np.bool_]:
    """Return which frames are flat, `(frames,)`.

    Args:
        path: file of `write_spread`.
        frames: number of stored frames.

    Raises:
        TrackError: the file is missing, damaged or of other frames.
    """
    try:
        spread = read_npz(path, _KINDS)["spread"]
        if len(spread) != frames:
            raise NpzError(f"of {len(spread)} frames instead of {frames}")
    except NpzError as error:
        raise TrackError(
            f"{path}: not whole statistics of frames; delete it and index again ({error})"
        ) from error
    is_flat: NDArray[np.bool_] = spread < FLAT_SPREAD
    return is_flat

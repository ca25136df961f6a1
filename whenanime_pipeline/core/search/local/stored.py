"""The local features of one video's key frames, in one file: 14 bytes a feature."""

import struct
import zipfile
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.files import atomic_write
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.local.packing import PackedGeometry
from whenanime_pipeline.core.search.local.vocabulary import Codes, Words

CODE_VERSION = 1
"""Raised when the file would be another for the same features."""


@dataclass(frozen=True, slots=True)
class VideoFeatures:
    """The local features of one video, key frame after key frame.

    Attributes:
        frames: `(k,)`, the stored frames that are key frames, in order.
        counts: `(k,)`, how many features each has.
        words: `(n,)`, the nearest word of each feature.
        codes: `(n,)`, its code within the word.
        geometry: `(n,)`, where it lies, packed.
    """

    frames: NDArray[np.int32]
    counts: NDArray[np.int32]
    words: Words
    codes: Codes
    geometry: PackedGeometry

    def __len__(self) -> int:
        return len(self.words)


# What zipfile and numpy raise, by kind of damage: a wrong checksum, size, method, header or name.
_DAMAGE: tuple[type[Exception], ...] = (
    *(OSError, ValueError, KeyError, EOFError, RuntimeError, MemoryError, OverflowError),
    *(struct.error, zipfile.BadZipFile, zlib.error),
)
_KINDS = {
    "frames": np.dtype(np.int32),
    "counts": np.dtype(np.int32),
    "words": np.dtype(np.uint16),
    "codes": np.dtype(np.uint64),
    "geometry": np.dtype(np.uint32),
}


def write_local_features(path: Path, features: VideoFeatures) -> None:
    """Write a video's local features; the file appears only when it is whole.

    Raises:
        OSError: it cannot be written.
    """
    arrays = {field.name: getattr(features, field.name) for field in fields(features)}
    with atomic_write(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def read_local_features(path: Path, frames: int) -> VideoFeatures:
    """Read a video's local features; every byte is held against its checksum.

    Args:
        path: their file.
        frames: how many stored frames the video has.

    Raises:
        FramesError: the file is missing, damaged or of other frames.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            found = {name: stored[name] for name in _KINDS}
    except _DAMAGE as error:
        raise FramesError(f"{path}: not a whole file of local features: {error}") from error
    features = VideoFeatures(**found)
    if not _is_consistent(features, frames):
        raise FramesError(f"{path}: its local features do not fit each other")
    return features


def _is_consistent(features: VideoFeatures, frames: int) -> bool:
    own = features.frames
    arrays = {name: getattr(features, name) for name in _KINDS}
    return (
        all(array.ndim == 1 and array.dtype == _KINDS[name] for name, array in arrays.items())
        and len(features.frames) == len(features.counts)
        and len(features.words) == len(features.codes) == len(features.geometry)
        and int(features.counts.sum()) == len(features)
        and bool((features.counts >= 0).all())
        and bool(((own >= 0) & (own < frames)).all())
    )

"""Stores the local features of a video's keyframes in a file, 14 bytes per feature."""

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
"""Incremented whenever the format of the file changes."""


@dataclass(frozen=True, slots=True)
class VideoFeatures:
    """The local features of a video, sorted by keyframe.

    Attributes:
        frames: `(k,)`, ordinals of the keyframes, ascending.
        counts: `(k,)`, number of features of each keyframe.
        words: `(n,)`, nearest word of each feature.
        codes: `(n,)`, binary code of each feature.
        geometry: `(n,)`, packed position and size of each feature.
    """

    frames: NDArray[np.int32]
    counts: NDArray[np.int32]
    words: Words
    codes: Codes
    geometry: PackedGeometry

    def __len__(self) -> int:
        return len(self.words)


# Exceptions of zipfile and numpy for wrong checksums, sizes, methods, headers and names.
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
    """Write a video's local features, atomically.

    Raises:
        OSError: the file cannot be written.
    """
    arrays = {field.name: getattr(features, field.name) for field in fields(features)}
    with atomic_write(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def read_local_features(path: Path, frames: int) -> VideoFeatures:
    """Read a video's local features, verifying checksums.

    Args:
        path: file of the features.
        frames: number of stored frames of the video.

    Raises:
        FramesError: the file is missing, damaged or does not fit the frames.
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

"""Stores the local features of a video's keyframes in a file, 14 bytes per feature."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.npz_file import NpzError, read_npz, write_npz
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


_KINDS: dict[str, tuple[type[np.generic], int]] = {
    "frames": (np.int32, 1),
    "counts": (np.int32, 1),
    "words": (np.uint16, 1),
    "codes": (np.uint64, 1),
    "geometry": (np.uint32, 1),
}


def write_local_features(path: Path, features: VideoFeatures) -> None:
    """Write a video's local features, atomically.

    Raises:
        OSError: the file cannot be written.
    """
    write_npz(path, {field.name: getattr(features, field.name) for field in fields(features)})


def read_local_features(path: Path, frames: int) -> VideoFeatures:
    """Read a video's local features, verifying checksums.

    Args:
        path: file of the features.
        frames: number of stored frames of the video.

    Raises:
        FramesError: the file is missing, damaged or does not fit the frames.
    """
    try:
        features = VideoFeatures(**read_npz(path, _KINDS))
    except NpzError as error:
        raise FramesError(f"{path}: not a whole file of local features: {error}") from error
    if not _is_consistent(features, frames):
        raise FramesError(f"{path}: its local features do not fit each other")
    return features


def _is_consistent(features: VideoFeatures, frames: int) -> bool:
    own = features.frames
    return (
        len(features.frames) == len(features.counts)
        and len(features.words) == len(features.codes) == len(features.geometry)
        and int(features.counts.sum()) == len(features)
        and bool((features.counts >= 0).all())
        and bool(((own >= 0) & (own < frames)).all())
    )

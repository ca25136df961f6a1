"""Extracts the local features of a video's keyframes from its stored frames."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.picture_codec import decode_stored_frame
from whenanime_pipeline.core.search.blas_threads import limit_to_one_thread
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.frames.extraction import Progress
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.local.detector import KEYFRAME_SETTINGS, detect
from whenanime_pipeline.core.search.local.features import LocalFeatures
from whenanime_pipeline.core.search.local.keyframes import select_keyframes
from whenanime_pipeline.core.search.local.packing import PackedGeometry, pack
from whenanime_pipeline.core.search.local.stored import VideoFeatures
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary

_BATCH_SIZE = 16
"""Keyframes that a thread processes at once: enough to keep the vocabulary's graph in the CPU cache
while quantising (a third of the time), and few enough for threads to end together."""
_NOWHERE: PackedGeometry = np.empty(0, np.uint32)


def extract_local_features(
    frames: FramesFile,
    vocabulary: Vocabulary,
    *,
    threads: int = 0,
    progress: Progress | None = None,
) -> VideoFeatures:
    """Extract the local features of a video's keyframes.

    Args:
        frames: stored frames of the video.
        vocabulary: quantises descriptors to words and codes.
        threads: number of threads; 0: one per core.
        progress: receives the number of finished keyframes and of all.

    Raises:
        FramesError: a stored frame cannot be decoded.
    """
    limit_to_one_thread()
    starts: list[float] = []
    shown: list[float] = []
    hashes: list[int] = []
    for batch in frames.batches():
        hashes += batch.column("hash").to_pylist()
        for begins, ends in zip(
            batch.column("starts").to_pylist(), batch.column("ends").to_pylist(), strict=True
        ):
            starts.append(begins[0])
            shown.append(sum(ends) - sum(begins))
    keys = select_keyframes(starts, shown, hashes)

    def describe(some: NDArray[np.int32]) -> _FeatureBatch:
        found = [_detect_features(frames, frame) for frame in some.tolist()]
        own_words, own_codes = vocabulary.quantise(
            np.concatenate([one.descriptors for one in found])
        )
        geometry = np.concatenate([pack(one.points, one.sizes) for one in found])
        return _FeatureBatch(
            [len(one) for one in found], own_words[:, 0], own_codes[:, 0], geometry
        )

    counts: list[int] = []
    words, codes, places = [np.empty(0, np.uint16)], [np.empty(0, np.uint64)], [_NOWHERE]
    # OpenCV and hnswlib release the GIL.
    with ThreadPoolExecutor(threads or _cores()) as pool:
        parts = [
            pool.submit(describe, keys[at : at + _BATCH_SIZE])
            for at in range(0, len(keys), _BATCH_SIZE)
        ]
        try:
            for part in parts:
                done = part.result()
                counts += done.counts
                words.append(done.words)
                codes.append(done.codes)
                places.append(done.geometry)
                if progress is not None:
                    progress(len(counts), len(keys))
        finally:
            for part in parts:
                part.cancel()
    return VideoFeatures(
        frames=keys,
        counts=np.array(counts, np.int32),
        words=np.concatenate(words),
        codes=np.concatenate(codes),
        geometry=np.concatenate(places),
    )


class _FeatureBatch(NamedTuple):
    """The local features of some keyframes, frame by frame."""

    counts: list[int]
    words: NDArray[np.uint16]
    codes: NDArray[np.uint64]
    geometry: PackedGeometry


def _detect_features(frames: FramesFile, frame: int) -> LocalFeatures:
    try:
        picture = decode_stored_frame(frames.picture(frame))
    except ValueError as error:
        raise FramesError(f"{frames.path}: a stored frame cannot be decoded") from error
    return detect(picture, KEYFRAME_SETTINGS)


def _cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""From stored frames to local features; the video is not opened."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from whenanime_pipeline.core.media.pictures import decode_small
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.extract import Progress
from whenanime_pipeline.core.search.frames import FramesFile
from whenanime_pipeline.core.search.local.detector import GALLERY_COUNT, GALLERY_SIDE, detect
from whenanime_pipeline.core.search.local.geometry import Geometry, pack
from whenanime_pipeline.core.search.local.keyframes import key_frames
from whenanime_pipeline.core.search.local.stored import VideoFeatures
from whenanime_pipeline.core.search.local.vocabulary import Codes, Vocabulary, Words

_AT_ONCE = 64  # key frames handed to the threads together: memory does not grow with the video


def extract_local(
    frames: FramesFile,
    vocabulary: Vocabulary,
    *,
    threads: int = 0,
    progress: Progress | None = None,
) -> VideoFeatures:
    """Describe a video's key frames.

    Args:
        frames: the stored frames.
        vocabulary: gives words and codes.
        threads: that work at once; 0: one for each core.
        progress: told the number of key frames done and the number there are.

    Raises:
        FramesError: a stored picture cannot be decoded.
    """
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
    keys = key_frames(starts, shown, hashes)

    def describe(frame: int) -> tuple[Words, Codes, Geometry]:
        try:
            picture = decode_small(frames.picture(frame))
        except ValueError as error:
            raise FramesError(f"{frames.path}: a stored picture cannot be decoded") from error
        found = detect(picture, long_side=GALLERY_SIDE, count=GALLERY_COUNT)
        words, codes = vocabulary.quantise(found.descriptors)
        return words[:, 0], codes[:, 0], pack(found.points, found.sizes)

    rows: list[tuple[Words, Codes, Geometry]] = []
    # OpenCV and the vocabulary's graph let go of the interpreter while they compute.
    with ThreadPoolExecutor(threads or _cores()) as pool:
        for at in range(0, len(keys), _AT_ONCE):
            rows += pool.map(describe, keys[at : at + _AT_ONCE].tolist())
            if progress is not None:
                progress(len(rows), len(keys))
    return VideoFeatures(
        frames=keys,
        counts=np.array([len(words) for words, _, _ in rows], np.int32),
        words=np.concatenate([np.empty(0, np.uint16), *(words for words, _, _ in rows)]),
        codes=np.concatenate([np.empty(0, np.uint64), *(codes for _, codes, _ in rows)]),
        geometry=np.concatenate([np.empty(0, np.uint32), *(places for _, _, places in rows)]),
    )


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

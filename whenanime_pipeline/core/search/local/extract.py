"""From stored frames to local features; the video is not opened."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from whenanime_pipeline.core.media.pictures import decode_small
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.extract import Progress
from whenanime_pipeline.core.search.frames import FramesFile
from whenanime_pipeline.core.search.local.detector import GALLERY, detect
from whenanime_pipeline.core.search.local.features import LocalFeatures
from whenanime_pipeline.core.search.local.keyframes import key_frames
from whenanime_pipeline.core.search.local.packing import Geometry, pack
from whenanime_pipeline.core.search.local.stored import VideoFeatures
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary
from whenanime_pipeline.core.search.threads import one_thread_each

_AT_ONCE = 64  # key frames handed to the threads together: memory does not grow with the video
_NOWHERE: Geometry = np.empty(0, np.uint32)


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
    one_thread_each()
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

    def describe(frame: int) -> LocalFeatures:
        try:
            picture = decode_small(frames.picture(frame))
        except ValueError as error:
            raise FramesError(f"{frames.path}: a stored picture cannot be decoded") from error
        return detect(picture, GALLERY)

    counts: list[int] = []
    words, codes, places = [np.empty(0, np.uint16)], [np.empty(0, np.uint64)], [_NOWHERE]
    workers = threads or _cores()
    # OpenCV and the vocabulary's graph let go of the interpreter while they compute.
    with ThreadPoolExecutor(workers) as pool:
        for at in range(0, len(keys), _AT_ONCE):
            found = list(pool.map(describe, keys[at : at + _AT_ONCE].tolist()))
            counts += map(len, found)
            # All at once: the graph stays in the processor's cache, which is a third of the time.
            descriptors = np.concatenate([one.descriptors for one in found])
            own_words, own_codes = vocabulary.quantise(descriptors, threads=workers)
            words.append(own_words[:, 0])
            codes.append(own_codes[:, 0])
            places += [pack(one.points, one.sizes) for one in found]
            if progress is not None:
                progress(len(counts), len(keys))
    return VideoFeatures(
        frames=keys,
        counts=np.array(counts, np.int32),
        words=np.concatenate(words),
        codes=np.concatenate(codes),
        geometry=np.concatenate(places),
    )


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""From the bytes of a picture to scenes, in one process, on the newest snapshot that verifies."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_app.errors import NothingIndexedError
from whenanime_pipeline.core.media.errors import LargePictureError
from whenanime_pipeline.core.media.picture_codec import decode_first_video_frame, decode_picture
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

MAX_LONG_SIDE = 2048
"""Pixels. Searching looks at a fifth of it; more would only take memory."""
_LARGE_PICTURE_PIXELS = (
    16_000_000  # pixels of a picture that is decoded with no other such beside it
)


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the time of a search went, in milliseconds.

    Attributes:
        waiting: for a thread.
        decoding: from the file's bytes to a picture.
        searching: from the picture to the scenes.
    """

    waiting: float
    decoding: float
    searching: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found.

    Attributes:
        scenes: best first.
        frame_count: frames in the index that was searched.
        snapshot_id: the id of what was searched.
        timings: where the time went.
    """

    scenes: list[Scene]
    frame_count: int
    snapshot_id: str
    timings: Timings

    @property
    def milliseconds(self) -> int:
        """Time from the picture's bytes to the scenes, without waiting for a thread."""
        return round(self.timings.decoding + self.timings.searching)


class Searcher:
    """Searches in this process. Safe to share between threads."""

    def __init__(self, live: LiveEngine) -> None:
        """Search what is live."""
        self._live = live
        self._large_picture_lock = threading.Lock()

    def get_engine(self) -> SearchEngine:
        """Return the engine in use.

        Raises:
            NothingIndexedError: nothing is published yet.
        """
        engine = self._live.engine()
        if engine is None:
            raise NothingIndexedError("nothing is indexed yet; run `whenanime index`")
        return engine

    def find_scenes(self, data: bytes, only: Filter, limit: int) -> Answer:
        """Search for a picture; the call sees one snapshot from beginning to end.

        Args:
            data: a file as it was uploaded.
            only: the episodes that are searched.
            limit: scenes at most.

        Raises:
            PictureError: it is no picture that can be read.
            NothingIndexedError: nothing is published yet.
        """
        return run_search(self.get_engine(), data, only, limit, self.decode_query)

    def decode_query(self, data: bytes) -> NDArray[np.uint8]:
        """Decode a picture, or a video's first, to RGB of `LONG_SIDE` at most.

        Raises:
            PictureError: it is no picture that can be read.
        """
        if is_video(data):
            with self._large_picture_lock:
                return decode_first_video_frame(data, long_side=MAX_LONG_SIDE)
        try:
            return decode_small_query(data)
        except LargePictureError:
            # A gigabyte may be needed for a moment: once, and not for each thread.
            with self._large_picture_lock:
                return decode_picture(data, long_side=MAX_LONG_SIDE)


def run_search(
    engine: SearchEngine,
    data: bytes,
    only: Filter,
    limit: int,
    decode: Callable[[bytes], NDArray[np.uint8]],
) -> Answer:
    """Search for a picture in one snapshot.

    Args:
        engine: of the snapshot.
        data: a file as it was uploaded.
        only: the episodes that are searched.
        limit: scenes at most.
        decode: makes an RGB picture of a file; what it raises is raised.
    """
    begun = time.perf_counter()
    picture = decode(data)
    seen = time.perf_counter()
    scenes = engine.search(picture, limit=limit, only=only)
    done = time.perf_counter()
    timings = Timings(0.0, 1000 * (seen - begun), 1000 * (done - seen))
    return Answer(scenes, count_frames(engine.snapshot), engine.snapshot.id, timings)


def decode_small_query(data: bytes) -> NDArray[np.uint8]:
    """Decode a picture that is not large, to RGB of `LONG_SIDE` at most.

    Raises:
        LargePictureError: it is.
        PictureError: it is no picture that can be read.
    """
    return decode_picture(data, max_pixels=_LARGE_PICTURE_PIXELS, long_side=MAX_LONG_SIDE)


def is_video(data: bytes) -> bool:
    """Return whether a file begins like MP4, MOV, Matroska, WebM or AVI.

    No other container is ever opened for a stranger: some formats name further files to read.
    AVIF pictures are MP4-like, and told apart by their brand.
    """
    if data[4:8] == b"ftyp":
        return data[8:12] not in {b"avif", b"avis", b"mif1", b"msf1", b"heic", b"heix"}
    return data.startswith(b"\x1a\x45\xdf\xa3") or (
        data.startswith(b"RIFF") and data[8:12] == b"AVI "
    )


def count_frames(snapshot: Snapshot) -> int:
    """Return how many distinct frames a snapshot holds."""
    return sum(content.frames for content in snapshot.contents.values())

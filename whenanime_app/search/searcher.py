"""Searches one uploaded picture in the newest verified snapshot, within one process."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_app.errors import NothingIndexedError
from whenanime_pipeline.core.media.errors import LargePictureError
from whenanime_pipeline.core.media.picture_codec import decode_picture
from whenanime_pipeline.core.media.query_picture import (
    MAX_LONG_SIDE,
    decode_query_picture,
    is_video,
)
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

_LARGE_PICTURE_PIXELS = 16_000_000
"""Pixels above which pictures are decoded one at a time."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Durations of a search's steps, in milliseconds.

    Attributes:
        waiting: wait for a thread.
        decoding: from the file's bytes to a picture.
        searching: from the picture to the scenes.
    """

    waiting: float
    decoding: float
    searching: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of a search.

    Attributes:
        scenes: scenes found, best first.
        frame_count: frames in the searched index.
        snapshot_id: id of the searched snapshot.
        timings: durations of the search's steps.
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
        """Search in a live engine.

        Args:
            live: engine of the newest snapshot.
        """
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
        """Search for a picture; the whole call uses one snapshot.

        Args:
            data: bytes of an uploaded file.
            only: filter on the episodes to search.
            limit: maximum number of scenes.

        Raises:
            PictureError: the file cannot be decoded.
            NothingIndexedError: nothing is published yet.
        """
        return run_search(self.get_engine(), data, only, limit, self.decode_query)

    def decode_query(self, data: bytes) -> NDArray[np.uint8]:
        """Decode a picture, or one of an animation or video, to RGB of `MAX_LONG_SIDE` at most.

        Args:
            data: bytes of an uploaded file.

        Returns:
            Pixels of shape (height, width, 3).

        Raises:
            PictureError: the file cannot be decoded.
        """
        if not is_video(data):
            with suppress(LargePictureError):
                return decode_small_query(data)
        # Decoding may need a gigabyte for a moment: once, not once per thread.
        with self._large_picture_lock:
            return decode_query_picture(data)


def run_search(
    engine: SearchEngine,
    data: bytes,
    only: Filter,
    limit: int,
    decode: Callable[[bytes], NDArray[np.uint8]],
) -> Answer:
    """Search for a picture in one snapshot.

    Args:
        engine: engine of the snapshot.
        data: bytes of an uploaded file.
        only: filter on the episodes to search.
        limit: maximum number of scenes.
        decode: decoder from a file's bytes to an RGB picture; its errors are passed on.
    """
    started = time.perf_counter()
    picture = decode(data)
    decoded = time.perf_counter()
    scenes = engine.search(picture, limit=limit, only=only)
    finished = time.perf_counter()
    timings = Timings(0.0, 1000 * (decoded - started), 1000 * (finished - decoded))
    return Answer(scenes, count_frames(engine.snapshot), engine.snapshot.id, timings)


def decode_small_query(data: bytes) -> NDArray[np.uint8]:
    """Decode a picture of at most 16 million pixels to RGB of `MAX_LONG_SIDE` at most.

    Raises:
        LargePictureError: the picture has more pixels.
        PictureError: the file cannot be decoded.
    """
    return decode_picture(data, max_pixels=_LARGE_PICTURE_PIXELS, long_side=MAX_LONG_SIDE)


def count_frames(snapshot: Snapshot) -> int:
    """Return how many distinct frames a snapshot holds."""
    return sum(content.indexed for content in snapshot.contents.values())

"""From the bytes of a picture to scenes, in one process, on the newest snapshot that verifies."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_app.errors import NothingIndexedError
from whenanime_pipeline.core.media.errors import LargePictureError
from whenanime_pipeline.core.media.pictures import decode_picture, first_video_frame
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

LONG_SIDE = 2048
"""Pixels. Searching looks at a fifth of it; more would only take memory."""
_LARGE = 16_000_000  # pixels of a picture that is decoded with no other such beside it


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
        snapshot: the id of what was searched.
        timings: where the time went.
    """

    scenes: list[Scene]
    frame_count: int
    snapshot: str
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
        self._one_large = threading.Lock()

    def engine(self) -> SearchEngine:
        """Return the engine in use.

        Raises:
            NothingIndexedError: nothing is published yet.
        """
        engine = self._live.engine()
        if engine is None:
            raise NothingIndexedError("nothing is indexed yet; run `whenanime index`")
        return engine

    def find(self, data: bytes, only: Filter, limit: int) -> Answer:
        """Search for a picture; the call sees one snapshot from beginning to end.

        Args:
            data: a file as it was uploaded.
            only: the episodes that are searched.
            limit: scenes at most.

        Raises:
            PictureError: it is no picture that can be read.
            NothingIndexedError: nothing is published yet.
        """
        return find_in(self.engine(), data, only, limit, self.picture)

    def picture(self, data: bytes) -> NDArray[np.uint8]:
        """Decode a picture, or a video's first, to RGB of `LONG_SIDE` at most.

        Raises:
            PictureError: it is no picture that can be read.
        """
        if is_video(data):
            with self._one_large:
                return first_video_frame(data, long_side=LONG_SIDE)
        try:
            return decoded(data)
        except LargePictureError:
            # A gigabyte may be needed for a moment: once, and not for each thread.
            with self._one_large:
                return decode_picture(data, long_side=LONG_SIDE)


def find_in(
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
    return Answer(scenes, frame_count(engine.snapshot), engine.snapshot.id, timings)


def decoded(data: bytes) -> NDArray[np.uint8]:
    """Decode a picture that is not large, to RGB of `LONG_SIDE` at most.

    Raises:
        LargePictureError: it is.
        PictureError: it is no picture that can be read.
    """
    return decode_picture(data, max_pixels=_LARGE, long_side=LONG_SIDE)


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


def frame_count(snapshot: Snapshot) -> int:
    """Return how many distinct frames a snapshot holds."""
    return sum(content.frames for content in snapshot.contents.values())

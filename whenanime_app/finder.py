"""From the bytes of a picture to scenes, on the newest snapshot that verifies."""

import threading
import time
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from whenanime_app.budget import Budget
from whenanime_app.workers import Workers
from whenanime_pipeline.core.media.errors import LargePictureError
from whenanime_pipeline.core.media.pictures import decode_picture, first_video_frame
from whenanime_pipeline.core.search.answers import Scene
from whenanime_pipeline.core.search.engine import SearchEngine
from whenanime_pipeline.core.search.filters import EVERYTHING, Filter
from whenanime_pipeline.core.search.live import LiveEngine
from whenanime_pipeline.core.search.snapshot import Snapshot

LIMIT = 10
"""Scenes that are told of when nobody asks for more or fewer."""
LONG_SIDE = 2048
"""Pixels. Searching looks at a fifth of it; more would only take memory."""
_LARGE = 16_000_000  # pixels of a picture that is decoded with no other such beside it
_SMALL_QUALITY = 92


class NothingIndexedError(Exception):
    """There is no snapshot yet."""


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


class Finder:
    """Searches in threads; every call sees one snapshot from beginning to end."""

    def __init__(
        self, live: LiveEngine, workers: Workers, lookers: Workers, budget: Budget
    ) -> None:
        """Put the parts together.

        Args:
            live: the newest snapshot.
            workers: where pictures are searched for.
            lookers: where it is looked up what is indexed, which must not wait for searches.
            budget: for the pictures that are searched for or wait.
        """
        self._live = live
        self._workers = workers
        self._lookers = lookers
        self._budget = budget
        self._one_large = threading.Lock()

    async def find(self, data: bytes, *, only: Filter = EVERYTHING, limit: int = LIMIT) -> Answer:
        """Search for a picture.

        Args:
            data: a file as it was uploaded.
            only: the episodes that are searched.
            limit: scenes at most.

        Raises:
            PictureError: it is no picture that can be read.
            NothingIndexedError: nothing is published yet.
            BusyError: too many are waiting.
        """
        with self._budget.share() as share:
            share.grow(len(data))
            return await self._workers.run(self._find, data, only, limit, time.perf_counter())

    async def small(self, data: bytes, long_side: int) -> bytes:
        """Return a picture, or a video's first, as a JPEG that every browser shows.

        Args:
            data: a file as it was fetched.
            long_side: pixels of the longer side at most.

        Raises:
            PictureError: it is no picture that can be read.
            BusyError: too many are waiting.
        """
        with self._budget.share() as share:
            share.grow(len(data))
            return await self._workers.run(self._small, data, long_side)

    async def snapshot(self) -> Snapshot:
        """Return the snapshot in use.

        Raises:
            NothingIndexedError: nothing is published yet.
            BusyError: too many are waiting.
        """
        return (await self._lookers.run(self._engine)).snapshot

    async def status(self) -> dict[str, object]:
        """Return what is indexed, as JSON; `ready` is false before the first snapshot."""
        return await self._lookers.run(self._status)

    def warm(self) -> None:
        """Load the model and the index, if there are any, before the first visitor waits."""
        self._live.engine()

    def _engine(self) -> SearchEngine:
        engine = self._live.engine()
        if engine is None:
            raise NothingIndexedError("nothing is indexed yet; run `whenanime index`")
        return engine

    def _find(self, data: bytes, only: Filter, limit: int, asked: float) -> Answer:
        begun = time.perf_counter()
        engine = self._engine()
        opened = time.perf_counter()
        picture = self._picture(data)
        decoded = time.perf_counter()
        scenes = engine.search(picture, limit=limit, only=only)
        done = time.perf_counter()
        timings = Timings(*(1000 * s for s in (begun - asked, decoded - opened, done - decoded)))
        return Answer(scenes, frame_count(engine.snapshot), engine.snapshot.id, timings)

    def _small(self, data: bytes, long_side: int) -> bytes:
        picture = Image.fromarray(self._picture(data))
        picture.thumbnail((long_side, long_side))
        out = BytesIO()
        picture.save(out, "JPEG", quality=_SMALL_QUALITY)
        return out.getvalue()

    def _picture(self, data: bytes) -> NDArray[np.uint8]:
        if is_video(data):
            with self._one_large:
                return first_video_frame(data, long_side=LONG_SIDE)
        try:
            return decode_picture(data, max_pixels=_LARGE, long_side=LONG_SIDE)
        except LargePictureError:
            # A gigabyte may be needed for a moment: once, and not for each thread.
            with self._one_large:
                return decode_picture(data, long_side=LONG_SIDE)

    def _status(self) -> dict[str, object]:
        engine = self._live.engine()
        if engine is None:
            return {"ready": False, "problem": self._live.problem}
        episodes = engine.snapshot.episodes
        return {
            "ready": True,
            "problem": self._live.problem,
            "snapshot": engine.snapshot.id,
            "model": engine.snapshot.manifest.model_id,
            "series": len({episode.series for episode in episodes}),
            "episodes": len(episodes),
            "frames": frame_count(engine.snapshot),
            "seconds": round(sum(episode.duration for episode in episodes), 1),
        }


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

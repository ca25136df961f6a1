"""What a server finds, in threads, with a bound on how many wait."""

import time
from dataclasses import replace
from io import BytesIO

from PIL import Image

from whenanime_app.search.bounded_pool import Workers
from whenanime_app.search.memory_budget import Budget
from whenanime_app.search.pool import Searchers
from whenanime_app.search.searcher import Answer, frame_count
from whenanime_pipeline.core.search.query.filters import EVERYTHING, Filter
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

LIMIT = 10
"""Scenes that are told of when nobody asks for more or fewer."""
_SMALL_QUALITY = 92


class Finder:
    """Searches in threads; every call sees one snapshot from beginning to end."""

    def __init__(
        self,
        live: LiveEngine,
        searchers: Searchers,
        workers: Workers,
        lookers: Workers,
        budget: Budget,
    ) -> None:
        """Put the parts together.

        Args:
            live: the newest snapshot.
            searchers: search in it.
            workers: where pictures are searched for.
            lookers: where it is looked up what is indexed, which must not wait for searches.
            budget: for the pictures that are searched for or wait.
        """
        self._live = live
        self._searchers = searchers
        self._workers = workers
        self._lookers = lookers
        self._budget = budget

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
        return (await self._lookers.run(self._searchers.own.engine)).snapshot

    async def status(self) -> dict[str, object]:
        """Return what is indexed, as JSON; `ready` is false before the first snapshot."""
        return await self._lookers.run(self._status)

    def warm(self) -> None:
        """Load the model and the index, if there are any, before the first visitor waits."""
        self._live.engine()
        self._searchers.start()

    def stop(self) -> None:
        """Have what searches end soon."""
        self._searchers.stop()

    def close(self) -> None:
        """End what searches; the workers must have ended."""
        self._searchers.close()

    def _find(self, data: bytes, only: Filter, limit: int, asked: float) -> Answer:
        waiting = 1000 * (time.perf_counter() - asked)
        answer = self._searchers.find(data, only, limit)
        return replace(answer, timings=replace(answer.timings, waiting=waiting))

    def _small(self, data: bytes, long_side: int) -> bytes:
        picture = Image.fromarray(self._searchers.own.picture(data))
        picture.thumbnail((long_side, long_side))
        out = BytesIO()
        picture.save(out, "JPEG", quality=_SMALL_QUALITY)
        return out.getvalue()

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

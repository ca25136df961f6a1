"""What a server finds, in threads, with a bound on how many wait."""

import time
from dataclasses import replace
from io import BytesIO

from PIL import Image

from whenanime_app.search.bounded_pool import BoundedExecutor
from whenanime_app.search.memory_budget import MemoryBudget
from whenanime_app.search.pool import SearcherPool
from whenanime_app.search.searcher import Answer, count_frames
from whenanime_pipeline.core.messages import Message
from whenanime_pipeline.core.search.query.filters import NO_FILTER, Filter
from whenanime_pipeline.core.search.query.live import LiveEngine
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

DEFAULT_LIMIT = 10
"""Scenes that are told of when nobody asks for more or fewer."""
_JPEG_QUALITY = 92


class SearchService:
    """Searches in threads; every call sees one snapshot from beginning to end."""

    def __init__(
        self,
        live: LiveEngine,
        searcher_pool: SearcherPool,
        search_executor: BoundedExecutor,
        read_executor: BoundedExecutor,
        budget: MemoryBudget,
    ) -> None:
        """Put the parts together.

        Args:
            live: the newest snapshot.
            searcher_pool: search in it.
            search_executor: where pictures are searched for.
            read_executor: where it is looked up what is indexed, which must not wait for searches.
            budget: for the pictures that are searched for or wait.
        """
        self._live = live
        self._searcher_pool = searcher_pool
        self._search_executor = search_executor
        self._read_executor = read_executor
        self._budget = budget

    async def find_scenes(
        self, data: bytes, *, only: Filter = NO_FILTER, limit: int = DEFAULT_LIMIT
    ) -> Answer:
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
        with self._budget.open_reservation() as share:
            share.grow(len(data))
            return await self._search_executor.run(
                self._find_scenes, data, only, limit, time.perf_counter()
            )

    async def shrink_to_jpeg(self, data: bytes, long_side: int) -> bytes:
        """Return a picture, or a video's first, as a JPEG that every browser shows.

        Args:
            data: a file as it was fetched.
            long_side: pixels of the longer side at most.

        Raises:
            PictureError: it is no picture that can be read.
            BusyError: too many are waiting.
        """
        with self._budget.open_reservation() as share:
            share.grow(len(data))
            return await self._search_executor.run(self._shrink_to_jpeg, data, long_side)

    async def get_snapshot(self) -> Snapshot:
        """Return the snapshot in use.

        Raises:
            NothingIndexedError: nothing is published yet.
            BusyError: too many are waiting.
        """
        return (
            await self._read_executor.run(self._searcher_pool.in_process_searcher.get_engine)
        ).snapshot

    async def status_json(self) -> dict[str, object]:
        """Return what is indexed, as JSON; `ready` is false before the first snapshot."""
        return await self._read_executor.run(self._status_json)

    def warm_up(self) -> None:
        """Load the model and the index, if there are any, before the first visitor waits."""
        self._live.engine()
        self._searcher_pool.start_missing()

    @property
    def problem(self) -> Message | None:
        """The reason why the newest snapshot is not loaded; None when it is."""
        return self._live.problem_message

    def stop(self) -> None:
        """Have what searches end soon."""
        self._searcher_pool.stop()

    def close(self) -> None:
        """End what searches; the workers must have ended."""
        self._searcher_pool.close()

    def _find_scenes(self, data: bytes, only: Filter, limit: int, requested_at: float) -> Answer:
        waiting = 1000 * (time.perf_counter() - requested_at)
        answer = self._searcher_pool.find_scenes(data, only, limit)
        return replace(answer, timings=replace(answer.timings, waiting=waiting))

    def _shrink_to_jpeg(self, data: bytes, long_side: int) -> bytes:
        picture = Image.fromarray(self._searcher_pool.in_process_searcher.decode_query(data))
        picture.thumbnail((long_side, long_side))
        out = BytesIO()
        picture.save(out, "JPEG", quality=_JPEG_QUALITY)
        return out.getvalue()

    def _status_json(self) -> dict[str, object]:
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
            "frames": count_frames(engine.snapshot),
            "seconds": round(sum(episode.duration for episode in episodes), 1),
        }

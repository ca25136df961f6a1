"""Searches and looks up the index in threads, with a bound on how many requests wait."""

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
"""Scenes returned unless a request asks for another number."""
_JPEG_QUALITY = 92


class SearchService:
    """Searches in threads; each call uses one snapshot throughout."""

    def __init__(
        self,
        live: LiveEngine,
        searcher_pool: SearcherPool,
        search_executor: BoundedExecutor,
        read_executor: BoundedExecutor,
        budget: MemoryBudget,
    ) -> None:
        """Make the service.

        Args:
            live: engine of the newest snapshot.
            searcher_pool: processes that search.
            search_executor: threads for searches.
            read_executor: threads for look-ups in the snapshot, which must not wait for searches.
            budget: memory for pictures being searched or waiting.
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
            data: bytes of an uploaded file.
            only: filter on the episodes to search.
            limit: maximum number of scenes.

        Raises:
            PictureError: the file cannot be decoded.
            NothingIndexedError: nothing is published yet.
            BusyError: too many are waiting.
        """
        with self._budget.open_reservation() as reservation:
            reservation.grow(len(data))
            return await self._search_executor.run(
                self._find_scenes, data, only, limit, time.perf_counter()
            )

    async def shrink_to_jpeg(self, data: bytes, long_side: int) -> bytes:
        """Return a picture, or a video's first frame, as a JPEG that every browser shows.

        Args:
            data: bytes of a fetched file.
            long_side: maximum pixels of the longer side.

        Raises:
            PictureError: the file cannot be decoded.
            BusyError: too many are waiting.
        """
        with self._budget.open_reservation() as reservation:
            reservation.grow(len(data))
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
        """Return the state of the index as JSON; `ready` is false before the first snapshot."""
        return await self._read_executor.run(self._status_json)

    def warm_up(self) -> None:
        """Load model and index, if there are any, before the first request."""
        self._live.engine()
        self._searcher_pool.start_missing()

    @property
    def problem(self) -> Message | None:
        """The reason why the newest snapshot is not loaded; None when it is."""
        return self._live.problem_message

    def stop(self) -> None:
        """Ask the searching processes to end."""
        self._searcher_pool.stop()

    def close(self) -> None:
        """Wait for worker processes to exit; the executors must be closed."""
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
            "series": len({(episode.series, episode.series_numbers[0]) for episode in episodes}),
            "episodes": len(episodes),
            "frames": count_frames(engine.snapshot),
            "seconds": round(sum(episode.duration for episode in episodes), 1),
        }

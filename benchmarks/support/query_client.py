"""Someone who asks a library questions all the time, and notes every answer that is not right."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.shipped.answer_correctness import is_within_tolerance
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.search.query.live import LiveEngine

_PACE = 0.05  # seconds between questions


@dataclass(frozen=True, slots=True)
class KnownFrame:
    """A picture of a published episode: what it shows is known."""

    path: str
    second: float
    picture: NDArray[np.uint8]


def read_known_frames(
    videos: Path, paths: Sequence[str], seconds: Sequence[float]
) -> list[KnownFrame]:
    """Return pictures of some episodes, to be asked for.

    Args:
        videos: their folder.
        paths: of the episodes, relative to it.
        seconds: to take from each.
    """
    return [
        KnownFrame(path, second, decode_frame_at(videos / path, second))
        for path in paths
        for second in seconds
    ]


class QueryClient:
    """Asks in a thread of its own, as the app does, while the block runs.

    Attributes:
        query_count: questions so far.
        failures: what went wrong, a line each.
        snapshots: the ids of the snapshots that answered, in order.
    """

    def __init__(self, home: Home, known_frames: Sequence[KnownFrame]) -> None:
        self.query_count = 0
        self.failures: list[str] = []
        self.snapshots: list[str] = []
        self._live = LiveEngine(home.root, threads=1)
        self._moments = known_frames
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # What was published last is asked for too.
        self._enough.set()
        self._thread.join()

    def _ask(self) -> None:
        while True:
            last = self._enough.wait(_PACE)
            known = self._moments[self.query_count % len(self._moments)]
            try:
                problem = self._problem(known)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure to answer
                problem = repr(error)
            self.query_count += 1
            if problem:
                self.failures.append(problem)
            if last:
                return

    def _problem(self, known: KnownFrame) -> str | None:
        engine = self._live.engine()
        if engine is None:
            return self._live.problem or "nothing answers"
        if self.snapshots[-1:] != [engine.snapshot.id]:
            self.snapshots.append(engine.snapshot.id)
        scenes = engine.search(known.picture, limit=3)
        for scene in scenes:
            spans = [(scene.start, scene.end), *((m.start, m.end) for m in scene.also)]
            for start, end in spans:
                if scene.episode.path == known.path and is_within_tolerance(
                    known.second, start, end
                ):
                    return self._live.problem
        return f"{known.path} at {known.second:.1f} s is not found"

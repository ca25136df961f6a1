"""A client that searches continuously and records wrong answers."""

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

_PACE = 0.05
"""Seconds between queries."""


@dataclass(frozen=True, slots=True)
class KnownFrame:
    """A frame of a published episode, with its path and second."""

    path: str
    second: float
    picture: NDArray[np.uint8]


def read_known_frames(
    videos: Path, paths: Sequence[str], seconds: Sequence[float]
) -> list[KnownFrame]:
    """Read frames of episodes.

    Args:
        videos: videos folder.
        paths: paths of the episodes, relative to it.
        seconds: seconds of the frames of each episode.
    """
    return [
        KnownFrame(path, second, decode_frame_at(videos / path, second))
        for path in paths
        for second in seconds
    ]


class QueryClient:
    """Searches in a thread, through a live engine like the app's, while the block runs.

    Attributes:
        query_count: number of queries so far.
        failures: queries without a right answer, one line each.
        snapshots: ids of the snapshots searched, in order.
    """

    def __init__(self, home: Home, known_frames: Sequence[KnownFrame]) -> None:
        self.query_count = 0
        self.failures: list[str] = []
        self.snapshots: list[str] = []
        self._live = LiveEngine(home.root, threads=1)
        self._known_frames = known_frames
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The thread searches once more, in the snapshot published last.
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            last = self._stop.wait(_PACE)
            known = self._known_frames[self.query_count % len(self._known_frames)]
            try:
                problem = self._problem(known)
            except Exception as error:  # noqa: BLE001 - any exception is a failed query
                problem = repr(error)
            self.query_count += 1
            if problem:
                self.failures.append(problem)
            if last:
                return

    def _problem(self, known: KnownFrame) -> str | None:
        engine = self._live.engine()
        if engine is None:
            return self._live.problem or "no snapshot"
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

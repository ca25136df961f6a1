"""Searches for files one after the other, with the time of each part of a search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import ParamSpec, TypeVar

import psutil

from whenanime_pipeline.core.media.picture_codec import decode_picture
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.local.detector import QUERY_SETTINGS, detect
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

EMBEDDING, GRAPH, LOCAL_LOOKUP = "embedding", "graph", "inverted file"
DECODING, DETECTING, REST = (
    "decoding the file",
    "detecting local features",
    "verification and the rest",
)


@dataclass(frozen=True, slots=True)
class TimedResult:
    """Best answer and cost of a search.

    Attributes:
        scene: best answer; None if there was none.
        wall: milliseconds from the file's bytes to the scenes.
        cpu: CPU seconds, of all threads.
        parts: part of the search → milliseconds.
        problem: error of a failed search.
    """

    scene: Scene | None
    wall: float
    cpu: float
    parts: dict[str, float]
    problem: str | None = None

    @property
    def used_local_features(self) -> bool:
        """Whether the search went on to local features."""
        return LOCAL_LOOKUP in self.parts


@dataclass(frozen=True, slots=True)
class TimedRun:
    """Results of all searches.

    Attributes:
        results: results, in the order of the files.
        private_bytes: private memory (resident less shared) after the last search.
        mapped_bytes: resident bytes of mapped files, with those of libraries.
        open_seconds: seconds to open the snapshot.
    """

    results: list[TimedResult]
    private_bytes: int
    mapped_bytes: int
    open_seconds: float


@dataclass(slots=True)
class _Timings:
    """Milliseconds by part of the current search."""

    spent: dict[str, float] = field(default_factory=dict)


Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def _timed(
    work: Callable[Parameters, Result], part: str, ledger: _Timings
) -> Callable[Parameters, Result]:
    """Wrap a function to add the milliseconds of each call to a ledger."""

    def timed(*arguments: Parameters.args, **options: Parameters.kwargs) -> Result:
        began = perf_counter()
        try:
            return work(*arguments, **options)
        finally:
            spent = 1000 * (perf_counter() - began)
            ledger.spent[part] = ledger.spent.get(part, 0.0) + spent

    return timed


def search_files(
    snapshot: Path, files: Sequence[Path], threads: int = 0, *, warm_up: int = 8
) -> TimedRun:
    """Open a snapshot and search for files one after the other, as a server does.

    Args:
        snapshot: folder of the snapshot.
        files: query files.
        threads: threads of the network; 0: one per core.
        warm_up: searches before the measurement.
    """
    ledger = _Timings()
    began = perf_counter()
    engine = _open_timed_engine(snapshot, ledger, threads)
    opening = perf_counter() - began
    for file in files[:: max(1, len(files) // warm_up)] if warm_up else ():
        _search(engine, ledger, file.read_bytes())
    answers = [_search(engine, ledger, file.read_bytes()) for file in files]
    memory = psutil.Process().memory_info()
    return TimedRun(answers, memory.rss - memory.shared, memory.shared, opening)


def _open_timed_engine(folder: Path, ledger: _Timings, threads: int) -> SearchEngine:
    snapshot = Snapshot(folder)
    embedder, graph = Embedder.load(folder, threads=threads), snapshot.load_index()
    local = snapshot.load_local()
    # Wraps methods of the instances, so that others are not timed.
    for part, owner, name in (
        (EMBEDDING, embedder, "embed"),
        (GRAPH, graph, "search"),
        (LOCAL_LOOKUP, local, "search"),
    ):
        if owner is not None:
            setattr(owner, name, _timed(getattr(owner, name), part, ledger))
    return SearchEngine(snapshot, embedder, graph, local)


def _search(engine: SearchEngine, ledger: _Timings, data: bytes) -> TimedResult:
    ledger.spent = {}
    scenes: list[Scene] = []
    problem = None
    began, cpu = perf_counter(), process_time()
    picture = decode_picture(data)
    decoded = perf_counter()
    try:
        scenes = engine.search(picture, limit=5)
    except Exception as error:  # noqa: BLE001 - any exception is a failed search
        problem = repr(error)
    wall, cpu = 1000 * (perf_counter() - began), process_time() - cpu
    parts = {DECODING: 1000 * (decoded - began), **ledger.spent}
    if LOCAL_LOOKUP in parts:
        # Detect again to time it, as the engine does it internally.
        again = perf_counter()
        detect(picture, QUERY_SETTINGS)
        parts[DETECTING] = 1000 * (perf_counter() - again)
    parts[REST] = max(0.0, wall - sum(parts.values()))
    return TimedResult(scenes[0] if scenes else None, wall, cpu, parts, problem)

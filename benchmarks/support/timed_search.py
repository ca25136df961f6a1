"""A search engine in a process of its own, asked one question after the other, part by part timed.

What is asked and what is right, it does not know.
"""

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

EMBEDDING, GRAPH, LOCAL_LOOKUP = "embedding", "graph", "looking patches up"
DECODING, DETECTING, REST = "decoding the file", "detecting patches", "verification and the rest"


@dataclass(frozen=True, slots=True)
class TimedResult:
    """An answer and what it took.

    Attributes:
        scene: the best; None when there was none.
        wall: milliseconds from the file's bytes to the scenes.
        cpu: seconds of processor, of all threads.
        parts: milliseconds by part of the search.
        problem: why the search failed, when it did.
    """

    scene: Scene | None
    wall: float
    cpu: float
    parts: dict[str, float]
    problem: str | None = None

    @property
    def used_local_features(self) -> bool:
        """Whether whole frames did not settle it."""
        return LOCAL_LOOKUP in self.parts


@dataclass(frozen=True, slots=True)
class TimedRun:
    """What came of all questions.

    Attributes:
        results: in the order of the questions.
        private_bytes: bytes of private memory after the last one: resident, less mapped files.
        mapped_bytes: bytes of mapped files in memory then, those of libraries included.
        open_seconds: seconds to open the snapshot.
    """

    results: list[TimedResult]
    private_bytes: int
    mapped_bytes: int
    open_seconds: float


@dataclass(slots=True)
class _Timings:
    """Milliseconds by part of the search under way."""

    spent: dict[str, float] = field(default_factory=dict)


Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def _timed(
    work: Callable[Parameters, Result], part: str, ledger: _Timings
) -> Callable[Parameters, Result]:
    """Return a function that writes into a ledger what each call took."""

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
    """Open a snapshot and ask for pictures, as a server does, one after the other.

    Args:
        snapshot: to search.
        files: the pictures.
        threads: of the network; 0: one a core.
        warm_up: how many are asked before, without being counted: a server has been running.
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
    # In the objects, not in their classes: nobody else's are timed.
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
    except Exception as error:  # noqa: BLE001 - whatever it is, the search failed
        problem = repr(error)
    wall, cpu = 1000 * (perf_counter() - began), process_time() - cpu
    parts = {DECODING: 1000 * (decoded - began), **ledger.spent}
    if LOCAL_LOOKUP in parts:
        # The engine detects by itself; once more, to know what that took.
        again = perf_counter()
        detect(picture, QUERY_SETTINGS)
        parts[DETECTING] = 1000 * (perf_counter() - again)
    parts[REST] = max(0.0, wall - sum(parts.values()))
    return TimedResult(scenes[0] if scenes else None, wall, cpu, parts, problem)

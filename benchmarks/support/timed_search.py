"""A search engine in a process of its own, asked one question after the other, part by part timed.

What is asked and what is right, it does not know.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import ParamSpec, TypeVar

import psutil

from whenanime_pipeline.core.media.pictures import decode_picture
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.local.detector import SCREENSHOT, detect
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.scenes import Scene
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

EMBEDDING, GRAPH, PATCHES = "embedding", "graph", "looking patches up"
DECODING, DETECTING, REST = "decoding the file", "detecting patches", "verification and the rest"


@dataclass(frozen=True, slots=True)
class Timed:
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
    def looked_for_patches(self) -> bool:
        """Whether whole frames did not settle it."""
        return PATCHES in self.parts


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of all questions.

    Attributes:
        answers: in the order of the questions.
        own: bytes of the process' own memory after the last one: resident, less files mapped.
        mapped: bytes of mapped files that were in memory then, those of the libraries among them.
        opening: seconds to open the snapshot.
    """

    answers: list[Timed]
    own: int
    mapped: int
    opening: float


@dataclass(slots=True)
class _Ledger:
    """Milliseconds by part of the search under way."""

    spent: dict[str, float] = field(default_factory=dict)


Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def _watched(
    work: Callable[Parameters, Result], part: str, ledger: _Ledger
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


def ask_files(snapshot: Path, files: Sequence[Path], threads: int = 0, *, warm: int = 8) -> Asked:
    """Open a snapshot and ask for pictures, as a server does, one after the other.

    Args:
        snapshot: to search.
        files: the pictures.
        threads: of the network; 0: one a core.
        warm: how many are asked before, without being counted: a server has been running.
    """
    ledger = _Ledger()
    began = perf_counter()
    engine = _engine(snapshot, ledger, threads)
    opening = perf_counter() - began
    for file in files[:: max(1, len(files) // warm)] if warm else ():
        _ask(engine, ledger, file.read_bytes())
    answers = [_ask(engine, ledger, file.read_bytes()) for file in files]
    memory = psutil.Process().memory_info()
    return Asked(answers, memory.rss - memory.shared, memory.shared, opening)


def _engine(folder: Path, ledger: _Ledger, threads: int) -> SearchEngine:
    snapshot = Snapshot(folder)
    embedder, graph = Embedder.load(folder, threads=threads), snapshot.load_index()
    local = snapshot.load_local()
    # In the objects, not in their classes: nobody else's are timed.
    for part, owner, name in (
        (EMBEDDING, embedder, "embed"),
        (GRAPH, graph, "search"),
        (PATCHES, local, "search"),
    ):
        if owner is not None:
            setattr(owner, name, _watched(getattr(owner, name), part, ledger))
    return SearchEngine(snapshot, embedder, graph, local)


def _ask(engine: SearchEngine, ledger: _Ledger, data: bytes) -> Timed:
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
    if PATCHES in parts:
        # The engine detects by itself; once more, to know what that took.
        again = perf_counter()
        detect(picture, SCREENSHOT)
        parts[DETECTING] = 1000 * (perf_counter() - again)
    parts[REST] = max(0.0, wall - sum(parts.values()))
    return Timed(scenes[0] if scenes else None, wall, cpu, parts, problem)

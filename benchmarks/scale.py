"""Scaling with the size of the library.

Measures the steps of indexing that visit every episode (scan, catalogue, Dagster, statuses,
snapshot) on 20,000 episodes, and building, loading and searching an HNSW index of 500,000 vectors.
Compares with a library of a tenth and an index of a fifth of that size, to find steps that grow
faster than the library.
"""

from pathlib import Path

from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.cost import run_in_fresh_process
from benchmarks.support.large_index import (
    IndexCost,
    build_index,
    measure_index,
    measure_recall_among_duplicates,
)
from benchmarks.support.large_library import StepTimings, time_indexing_steps
from benchmarks.support.report import Figure, Report, Target, extract_description
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder

_NONE = Target("=", 0)
_SMALLER = 10
"""Ratio of the large library to the small one."""
_SHARED, _SHARING = 4, 600
"""Number of bit-identical pictures, and of the episodes that share them."""
_RECALL = Target("≥", 0.98)


class Options(BaseOptions):
    """Options of the benchmark."""

    episodes: int = Field(default=20_000, ge=100, description="episodes of the large library")
    registered: int = Field(default=2_000, ge=10, description="episodes to register in Dagster")
    vectors: int = Field(default=500_000, ge=5_000, description="vectors of the large index")
    dimension: int = Field(default=128, ge=2, description="dimension of the vectors")
    model: Path = Field(default_factory=base_model_folder, description="folder of the model")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    libraries: list[tuple[int, StepTimings]] = []
    for episodes in (options.episodes // _SMALLER, options.episodes):
        room.log(f"a library of {episodes:,} episodes")
        reported = options.registered * episodes // options.episodes
        folder = room.make_folder(f"library-{episodes}")
        libraries.append(
            (
                episodes,
                run_in_fresh_process(
                    time_indexing_steps, folder, options.model, episodes, reported
                ),
            )
        )
    index_figures: list[Figure] = []
    for vectors in (options.vectors // 5, options.vectors):
        room.log(f"an index of {vectors:,} vectors")
        path = room.scratch / f"{vectors}.hnsw"
        built = run_in_fresh_process(build_index, vectors, options.dimension, path)
        used = run_in_fresh_process(measure_index, vectors, options.dimension, path)
        index_figures += _index_figures(vectors, built, used)
    room.log("pictures that all episodes share")
    other = run_in_fresh_process(
        measure_recall_among_duplicates, _SHARING, _SHARED, options.dimension
    )
    (_, small), (_, large) = libraries
    rows = [
        {
            "step": after,
            f"{libraries[0][0]:,} episodes, s": small.seconds[before],
            f"{libraries[1][0]:,} episodes, s": large.seconds[after],
            "ratio": large.seconds[after] / small.seconds[before],
        }
        for before, after in zip(small.seconds, large.seconds, strict=True)
    ]
    problems = [{"problem": line} for line in (*small.problems, *large.problems)]
    return Report(
        "scale",
        extract_description(__doc__),
        [
            Figure("steps with a wrong result", len(problems), target=_NONE),
            *(Figure(name, seconds, "s") for name, seconds in large.seconds.items()),
            *index_figures,
            Figure(
                f"recall@1 with {_SHARED} pictures shared by {_SHARING} episodes",
                other,
                "",
                None,
                _RECALL,
            ),
        ],
        {"steps": rows, "problems": problems},
    )


def _index_figures(vectors: int, built: tuple[float, float], used: IndexCost) -> list[Figure]:
    name = f"{vectors:,} vectors: "
    adding, saving = built
    return [
        Figure(name + "add all vectors", adding, "s"),
        Figure(name + "save", saving, "s"),
        Figure(name + "load", used.load_seconds, "s"),
        Figure(name + "add an episode of 2,500", used.add_seconds, "s"),
        Figure(name + "remove it", used.remove_seconds, "s"),
        Figure(name + "search, median", used.search_milliseconds, "ms"),
        Figure(name + "recall@1", used.recall, target=_RECALL),
        Figure(name + "memory", used.memory_bytes / 1e6, "MB"),
        Figure(name + "memory per vector", used.memory_bytes / vectors, "bytes"),
    ]

"""What happens when a library is very large.

Measures the steps of indexing that look at every episode (look, catalogue, Dagster, statuses,
snapshot) on a library of 20,000, and building, loading and searching an index of half a million
vectors. Compares each with a library and an index of a fifth or tenth of the size: what grows
faster than the library does not scale.
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
_SHARED, _SHARING = 4, 600
"""Pictures that are the same to the bit, and the episodes that show them."""
_RECALL = Target("≥", 0.98)


class Options(BaseOptions):
    """What can be set."""

    episodes: int = Field(default=20_000, ge=100, description="of the large library")
    told: int = Field(default=2_000, ge=10, description="episodes told to Dagster")
    vectors: int = Field(default=500_000, ge=5_000, description="of the large index")
    dimension: int = Field(default=128, ge=2, description="of the vectors")
    model: Path = Field(default_factory=base_model_folder, description="a model's folder")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Measure it all."""
    libraries: list[tuple[int, StepTimings]] = []
    for episodes in (options.episodes // _SMALLER, options.episodes):
        room.log(f"a library of {episodes:,} episodes")
        reported = options.told * episodes // options.episodes
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
            "grows by": large.seconds[after] / small.seconds[before],
        }
        for before, after in zip(small.seconds, large.seconds, strict=True)
    ]
    problems = [{"problem": line} for line in (*small.problems, *large.problems)]
    return Report(
        "scale",
        extract_description(__doc__),
        [
            Figure("steps that went wrong", len(problems), target=_NONE),
            *(Figure(name, seconds, "s") for name, seconds in large.seconds.items()),
            *index_figures,
            Figure(
                f"own frames found next to {_SHARED} in all of {_SHARING}", other, "", None, _RECALL
            ),
        ],
        {"steps": rows, "problems": problems},
    )


def _index_figures(vectors: int, built: tuple[float, float], used: IndexCost) -> list[Figure]:
    name = f"{vectors:,} vectors: "
    adding, saving = built
    return [
        Figure(name + "add all", adding, "s"),
        Figure(name + "save", saving, "s"),
        Figure(name + "load", used.load_seconds, "s"),
        Figure(name + "add an episode of 2,500", used.add_seconds, "s"),
        Figure(name + "remove it", used.remove_seconds, "s"),
        Figure(name + "search", used.search_milliseconds, "ms"),
        Figure(name + "the nearest is found", used.recall, target=_RECALL),
        Figure(name + "memory", used.memory_bytes / 1e6, "MB"),
        Figure(name + "memory a vector", used.memory_bytes / vectors, "bytes"),
    ]

"""Cost of local features: extraction, storage and search.

Measures the time to extract local features of drawn keyframes, scaled to an episode of 24 minutes
in constant motion, and of the largest film if films are given; bytes per feature on disk; and the
time to write an inverted file of many features and to search it for a query and its mirror image.
Compares with the budget of the seed's library, 600 episodes of 15 minutes.
"""

from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.cost import run_in_fresh_process
from benchmarks.support.local_feature_cost import (
    DescriptionCost,
    LocalSearchCost,
    describe_drawn_frames,
    describe_film,
    search_inverted_file,
)
from benchmarks.support.report import Figure, Report, Target, extract_description, median_figure

_KEYFRAMES_PER_MINUTE = 87
"""Keyframes per minute of constant motion, the worst case (1.45 per second); limited animation has
half of that or less."""
_EPISODE_KEYFRAMES = 24 * _KEYFRAMES_PER_MINUTE
"""Keyframes of an episode of 24 minutes."""
_SECONDS = Target("≤", 15)
_BYTES = Target("≤", 31)
"""Per feature: at most 3 GB for the 90 million features of 600 episodes of 15 minutes."""


class Options(BaseOptions):
    """Options of the benchmark."""

    pictures: int = Field(default=150, ge=10, description="number of drawn keyframes")
    features: int = Field(
        default=10_000_000, ge=100_000, description="features of the inverted file"
    )
    searches: int = Field(default=10, ge=2, description="number of searches")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    room.log(f"{options.pictures} drawn keyframes")
    described: DescriptionCost = run_in_fresh_process(
        describe_drawn_frames, room.make_folder("described"), options.pictures
    )
    room.log(f"an inverted file of {options.features:,} features")
    searched: LocalSearchCost = run_in_fresh_process(
        search_inverted_file,
        room.make_folder("searched"),
        described,
        options.features,
        options.searches,
    )
    return Report(
        "patches",
        extract_description(__doc__),
        [
            *_film_figures(room),
            Figure("features per keyframe", described.features / described.keyframes),
            Figure("CPU time per keyframe", 1000 * described.cpu / described.keyframes, "ms"),
            Figure(
                "extraction, 24 minutes of constant motion: wall time",
                described.wall / described.keyframes * _EPISODE_KEYFRAMES,
                "s",
                target=_SECONDS,
            ),
            Figure(
                "extraction, 24 minutes of constant motion: CPU time",
                described.cpu / described.keyframes * _EPISODE_KEYFRAMES,
                "s",
            ),
            Figure("bytes per feature", described.bytes + searched.bytes, target=_BYTES),
            Figure(f"inverted file of {searched.features:,} features: write", searched.write, "s"),
            median_figure("query: detect and describe", searched.detecting, "ms"),
            median_figure("query and mirror image: quantise", searched.quantising, "ms"),
            median_figure("query and mirror image: search", searched.searching, "ms"),
            median_figure("query and mirror image: matches", searched.matches),
        ],
    )


def _film_figures(room: BenchmarkContext) -> list[Figure]:
    """Measure the largest film, if films are given."""
    if room.data is None:
        return []
    film = max(room.find_films("library/**/*.mp4"), key=lambda path: path.stat().st_size)
    room.log(film.name)
    described = run_in_fresh_process(describe_film, room.make_folder("film"), film)
    scale = 24 * 60 / described.seconds
    return [
        Figure(
            f"largest film, 24 minutes: wall time ({film.stem})",
            described.wall * scale,
            "s",
            target=_SECONDS,
        ),
        Figure("largest film, 24 minutes: CPU time", described.cpu * scale, "s"),
        Figure("largest film: keyframes per minute", 60 * described.keyframes / described.seconds),
    ]

"""What local features cost: to make, to keep, and to search.

Measures how long drawn key frames take to describe, and from that an episode of 24 minutes that
moves all the time, and where films are given the same of the largest of them; bytes a feature on
the disk; and, in an inverted file of many features, how long writing it and a search for one
screenshot take, mirrored and not. Compares with what the seed's library of 600 episodes of 15
minutes may take.
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

_KEYS_A_MINUTE = 87
"""Key frames of films that move all the time: the most there is, 1.45 a second. Animation that
holds its drawings has half of that or less."""
_EPISODE = 24 * _KEYS_A_MINUTE
_SECONDS = Target("≤", 15)
_BYTES = Target("≤", 31)
"""A feature: of 600 episodes of 15 minutes with 90 million features no more than 3 GB."""


class Options(BaseOptions):
    """What can be set."""

    pictures: int = Field(default=150, ge=10, description="drawn key frames that are described")
    features: int = Field(default=10_000_000, ge=100_000, description="of the large inverted file")
    searches: int = Field(default=10, ge=2, description="of one screenshot each")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Measure it all."""
    room.log(f"{options.pictures} drawn key frames")
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
            Figure("features a key frame", described.features / described.key_frames),
            Figure("processor time a key frame", 1000 * described.cpu / described.key_frames, "ms"),
            Figure(
                "an episode of 24 minutes that moves all the time",
                described.wall / described.key_frames * _EPISODE,
                "s",
                target=_SECONDS,
            ),
            Figure("processor time of it", described.cpu / described.key_frames * _EPISODE, "s"),
            Figure("bytes a feature", described.bytes + searched.bytes, target=_BYTES),
            Figure(f"{searched.features:,} features: write", searched.write, "s"),
            median_figure("describe a screenshot", searched.detecting, "ms"),
            median_figure("words of it", searched.quantising, "ms"),
            median_figure("search for it", searched.searching, "ms"),
            median_figure("matches of it", searched.matches),
        ],
    )


def _film_figures(room: BenchmarkContext) -> list[Figure]:
    """Measure the largest film, if there are any."""
    if room.data is None:
        return []
    film = max(room.find_films("library/**/*.mp4"), key=lambda path: path.stat().st_size)
    room.log(film.name)
    described = run_in_fresh_process(describe_film, room.make_folder("film"), film)
    scale = 24 * 60 / described.seconds
    return [
        Figure(f"24 minutes of {film.stem}", described.wall * scale, "s", target=_SECONDS),
        Figure("processor time of them", described.cpu * scale, "s"),
        Figure("key frames a minute of it", 60 * described.key_frames / described.seconds),
    ]

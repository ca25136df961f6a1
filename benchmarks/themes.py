"""Openings, endings and other themes found in seasons whose truth is known to the frame.

Composes seasons of many hard cases, or finds them composed, indexes them, and asks for the themes
of each season: seconds of openings and endings, the story that a player would skip, errors of the
bounds, types; the same by sound alone and by pictures alone, in a season that grows by an episode a
week, and what it costs. Compares with intro-skipper's way, by real chromaprint, in the same run and
on the same files; it looks for openings and endings only.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from pydantic import Field

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.context import Options as BaseOptions
from benchmarks.support.report import Figure, Report, Target, extract_description
from benchmarks.support.themes.chromaprint import MISSING, has_fpcalc
from benchmarks.support.themes.composing import compose_seasons
from benchmarks.support.themes.cost_figures import list_costs
from benchmarks.support.themes.intro_skipper import find_like_intro_skipper
from benchmarks.support.themes.results import (
    EpisodeResult,
    list_results,
    tabulate_bounds,
    tabulate_conditions,
    tabulate_episodes,
    tabulate_ways,
)
from benchmarks.support.themes.season_tracks import SeasonTracks, load_season
from benchmarks.support.themes.targets import list_figures
from benchmarks.support.themes.ways import (
    OURS,
    PEER,
    PICTURES_ALONE,
    SOUND_ALONE,
    FindThemes,
    find_by_tracks,
    find_themes,
    find_weekly,
)
from whenanime_pipeline.core.themes.metrics.seconds import select_certain

_WEEKLY, _LONE = "weekly", "lone episode"
_FIRST_WEEK = 3
"""Episodes that a weekly season needs until it must be as good as the whole one."""


class Options(BaseOptions):
    """Options of the benchmark."""

    seasons: Path | None = Field(
        default=None, description="folder of the composed seasons; the cache where not given"
    )
    seed: int = Field(default=0, ge=0, description="seed of the seasons")
    only: str = Field(default="", description="names of seasons, with commas; all if empty")
    episodes: int | None = Field(default=None, ge=1, description="of each season at most")
    cost: bool = Field(default=True, description="whether to measure what matching costs")
    large: int = Field(default=500, ge=20, description="episodes of the large season")


def measure(room: BenchmarkContext, options: Options) -> Report:
    """Run the benchmark."""
    results = collect_results(room, options)
    figures = [
        *list_figures(_leave_out_lone(results)),
        *_list_weekly(results),
        *_list_lone(results),
    ]
    if options.cost:
        figures += list_costs(_find_folder(room, options), options.large)
    tables = make_tables(results)
    details = {name: table.to_dict("records") for name, table in tables.items()}
    return Report("themes", extract_description(__doc__), figures, details)


def collect_results(room: BenchmarkContext, options: Options) -> list[EpisodeResult]:
    """Compose the seasons or find them composed, and find their themes in all ways.

    Raises:
        BenchmarkError: a season cannot be composed or read.
    """
    folder = _find_folder(room, options)
    names = {name for name in options.only.split(",") if name} or None
    films = None if room.data is None else room.library_folder
    truths = compose_seasons(
        folder, films, room.log, seed=options.seed, names=names, episodes=options.episodes
    )
    homes = folder.with_name(f"{folder.name}-homes")
    seasons = (
        load_season(folder / truth.name, homes / truth.name, truth, room.log).limit(
            options.episodes or len(truth.episodes)
        )
        for truth in truths
    )
    return measure_seasons(seasons, homes, room, find_themes)


def measure_seasons(
    seasons: Iterable[SeasonTracks], homes: Path, room: BenchmarkContext, find: FindThemes
) -> list[EpisodeResult]:
    """Find the themes of seasons in all ways.

    Args:
        seasons: the seasons, each looked at once.
        homes: folder in which fingerprints are kept, next to the seasons' homes.
        room: for its log.
        find: finds the themes of a season.
    """
    results: list[EpisodeResult] = []
    if not has_fpcalc():
        room.log(f"left out {PEER}: {MISSING}")
    for season in seasons:
        room.log(season.truth.name)
        for way in (OURS, SOUND_ALONE, PICTURES_ALONE):
            results += list_results(way, season.truth, find_by_tracks(season, find, way))
        if has_fpcalc():
            kept = homes / season.truth.name / "chromaprint"
            found = find_like_intro_skipper(season, kept)
            results += list_results(PEER, season.truth, found)
        if season.truth.condition == _WEEKLY:
            results += list_results(_WEEKLY, season.truth, find_weekly(season, find))
    return results


def _leave_out_lone(results: Sequence[EpisodeResult]) -> list[EpisodeResult]:
    """Return the results without those of lone episodes, and without those by week."""
    return [r for r in results if _LONE not in r.condition and r.way != _WEEKLY]


def _list_weekly(results: Sequence[EpisodeResult]) -> list[Figure]:
    """Return how much worse a weekly season is than the whole one, and two episodes."""
    figures = []
    late = [r for r in results if r.condition == _WEEKLY and r.truth.number >= _FIRST_WEEK]
    table = tabulate_ways(late).set_index("way")["f1"] if late else {}
    if _WEEKLY in table:
        lost = float(table[OURS]) - float(table[_WEEKLY])
        name = f"weekly: F1 lost against the whole season, from episode {_FIRST_WEEK} on"
        figures.append(Figure(name, lost, target=Target("≤", 0.01)))
    for way in (OURS, PEER):
        pairs = [r for r in results if r.condition == "two episodes" and r.way == way]
        if pairs:
            score = float(tabulate_ways(pairs).iloc[0]["f1"])
            target = Target("≥", 0.95) if way == OURS else None
            figures.append(Figure(f"{way}: two episodes, F1 of seconds", score, target=target))
    return figures


def _find_folder(room: BenchmarkContext, options: Options) -> Path:
    return options.seasons or room.cache / "themes" / f"seasons-{options.seed}"


def _list_lone(results: Sequence[EpisodeResult]) -> list[Figure]:
    """Return how much is certain of lone episodes, which nothing repeats."""
    lone = [r for r in results if _LONE in r.condition and r.way == OURS]
    if not lone:
        return []
    certain = sum(len(select_certain(result.found)) for result in lone)
    target = Target("=", 0)
    return [Figure("lone: certain segments", certain, f"in {len(lone)} episodes", target=target)]


def make_tables(results: Sequence[EpisodeResult]) -> dict[str, pd.DataFrame]:
    """Return the tables by way and by condition, and the worst episodes and themes."""
    episodes = tabulate_episodes(results).drop(columns="costs")
    ours = episodes[episodes["way"] == OURS]
    bounds = tabulate_bounds(results)
    wrong = bounds[(bounds["way"] == OURS) & (bounds["outcome"] != "found")]
    conditions = tabulate_conditions(results)
    tables = {
        "ways": tabulate_ways(_leave_out_lone(results)),
        "conditions, ours": conditions[conditions["way"] == OURS],
        "conditions, intro-skipper's": conditions[conditions["way"] == PEER],
        "lowest F1, ours": ours.sort_values("f1").head(20),
        "most story, ours": ours.sort_values("story", ascending=False).head(20),
        "missed and invented, ours": wrong.drop(columns=["start_error", "end_error"]),
    }
    return {name: table for name, table in tables.items() if len(table)}

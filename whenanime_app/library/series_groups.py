"""Groups episodes by series: two of one name differ in the year or in an id."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord


def group_by_series(episodes: Iterable[EpisodeRecord]) -> list[list[EpisodeRecord]]:
    """Return the episodes of each series, sorted by name and year, in the order of watching."""
    groups: dict[tuple[str, int], list[EpisodeRecord]] = {}
    for episode in sorted(episodes, key=_sort_key):
        groups.setdefault((episode.series, episode.series_numbers[0]), []).append(episode)
    return list(groups.values())


def select_series(
    episodes: Iterable[EpisodeRecord], name: str, number: int | None = None
) -> list[EpisodeRecord]:
    """Return the episodes of a series, in the order of watching; empty where there is none.

    Args:
        episodes: all episodes.
        name: name of the series.
        number: our own number of the series, also a former one; None for all series of that name.
    """
    chosen = (one for one in episodes if one.series == name)
    return sorted(
        (one for one in chosen if number is None or number in one.series_numbers), key=_sort_key
    )


def find_shared_names(episodes: Iterable[EpisodeRecord]) -> Collection[str]:
    """Return the names that several series have."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for episode in episodes:
        numbers[episode.series].add(episode.series_numbers[0])
    return {name for name, found in numbers.items() if len(found) > 1}


def _sort_key(episode: EpisodeRecord) -> tuple[object, ...]:
    season, number = episode.season, episode.number
    return (
        episode.series.casefold(),
        episode.series,
        episode.year or 0,
        episode.series_numbers[0],
        (season is None, season or 0),
        (number is None, number or 0),
        episode.mark or "",
        episode.path,
    )

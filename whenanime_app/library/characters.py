"""Builds the response models of series' characters, which NFO files name."""

from collections.abc import Collection, Iterable

from whenanime_app.library.library_models import Character, Characters, SeriesCharacters
from whenanime_app.library.series_groups import group_by_series
from whenanime_pipeline.core.search.query.filters import select_tagged
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot


def list_characters(episodes: Iterable[EpisodeRecord]) -> list[Character]:
    """Return all characters of some episodes, each once, the most important first."""
    # Seasons may have an NFO each, and the episodes of a season share it.
    known = dict.fromkeys(one for episode in episodes for one in episode.characters)
    return [Character(name=one.name, voice=one.voice) for one in known]


def build_characters(
    snapshot: Snapshot, series: str | None, tags: Collection[str] | None = None
) -> Characters:
    """Build the characters of all series with a known character.

    Args:
        snapshot: published snapshot.
        series: name of the only series to list; None for all.
        tags: list only episodes that have all of these genres or tags, by `normalize_tag`.
    """
    tagged = select_tagged(snapshot.episodes, tags)
    groups = group_by_series(one for one in tagged if series in (None, one.series))
    by_name = sorted(groups, key=lambda group: group[0].series)
    return Characters(
        series=[
            SeriesCharacters(series=group[0].series, characters=characters, year=group[0].year)
            for group in by_name
            if (characters := list_characters(group))
        ]
    )

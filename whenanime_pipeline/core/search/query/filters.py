"""Filters the episodes of a search by series, season, AniList id, genre and tag."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from whenanime_pipeline.core.library.nfo.tags import merge_tags, normalize_tag
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord

__all__ = ["NO_FILTER", "Filter", "has_tags", "merge_tags", "parse_tags", "select_tagged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Conditions on episodes; None is no condition, an empty collection admits no episode.

    Attributes:
        series: admitted series, by the library's names.
        seasons: admitted seasons; an episode without a season is in none.
        anilist: AniList id of the admitted series, or any of our numbers for it.
        tags: genres or tags of which an admitted episode has every one, by `normalize_tag`.
    """

    series: Collection[str] | None = None
    seasons: Collection[int] | None = None
    anilist: int | None = None
    tags: Collection[str] | None = None

    @property
    def is_active(self) -> bool:
        """Whether it has any condition."""
        conditions = (self.series, self.seasons, self.anilist, self.tags)
        return any(condition is not None for condition in conditions)

    def admits(self, episode: EpisodeRecord) -> bool:
        """Return whether an episode meets all conditions."""
        return (
            (self.series is None or episode.series in self.series)
            and (self.seasons is None or episode.season in self.seasons)
            and (self.anilist is None or self.anilist in (episode.anilist, *episode.series_numbers))
            and (self.tags is None or has_tags(episode, self.tags))
        )


def has_tags(episode: EpisodeRecord, tags: Iterable[str]) -> bool:
    """Return whether an episode has every one of some genres or tags.

    Args:
        episode: an episode.
        tags: genres or tags by `normalize_tag`.
    """
    return _normalize_tags(episode.genres, episode.tags).issuperset(tags)


@lru_cache(maxsize=4096)  # the episodes of a series have the same
def _normalize_tags(genres: tuple[str, ...], tags: tuple[str, ...]) -> frozenset[str]:
    return frozenset(normalize_tag(tag) for tag in (*genres, *tags))


def select_tagged(
    episodes: Sequence[EpisodeRecord], tags: Collection[str] | None
) -> Sequence[EpisodeRecord]:
    """Return the episodes that have every one of some genres or tags; all for None."""
    return episodes if tags is None else [one for one in episodes if has_tags(one, tags)]


def parse_tags(texts: Iterable[str]) -> frozenset[str] | None:
    """Return the tags that a client names, normalized; None, for no condition, without any."""
    return frozenset(filter(None, map(normalize_tag, texts))) or None


NO_FILTER = Filter()
"""Admits every episode."""

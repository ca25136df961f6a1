"""Filters the episodes of a search by series, season and AniList id."""

from collections.abc import Collection
from dataclasses import dataclass

from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Conditions on episodes; None is no condition, an empty collection admits no episode.

    Attributes:
        series: admitted series, by the library's names.
        seasons: admitted seasons; an episode without a season is in none.
        anilist: AniList id of the admitted series, or any of our numbers for it.
    """

    series: Collection[str] | None = None
    seasons: Collection[int] | None = None
    anilist: int | None = None

    @property
    def is_active(self) -> bool:
        """Whether it has any condition."""
        return any(value is not None for value in (self.series, self.seasons, self.anilist))

    def admits(self, episode: EpisodeRecord) -> bool:
        """Return whether an episode meets all conditions."""
        return (
            (self.series is None or episode.series in self.series)
            and (self.seasons is None or episode.season in self.seasons)
            and (self.anilist is None or self.anilist in (episode.anilist, *episode.series_numbers))
        )


NO_FILTER = Filter()
"""Admits every episode."""

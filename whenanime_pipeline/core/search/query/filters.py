"""Which episodes a search is about: by series, by season, by AniList's number."""

from collections.abc import Collection
from dataclasses import dataclass

from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What an episode has to be; None does not narrow, and an empty collection leaves nothing.

    Attributes:
        series: one of these series, by the library's own names.
        seasons: of one of these seasons; an episode without a season is of none.
        anilist: of the series of this AniList number.
    """

    series: Collection[str] | None = None
    seasons: Collection[int] | None = None
    anilist: int | None = None

    @property
    def is_active(self) -> bool:
        """Whether it leaves anything out at all."""
        return any(value is not None for value in (self.series, self.seasons, self.anilist))

    def admits(self, episode: EpisodeRecord) -> bool:
        """Return whether an episode is searched."""
        return (
            (self.series is None or episode.series in self.series)
            and (self.seasons is None or episode.season in self.seasons)
            and (self.anilist is None or episode.anilist == self.anilist)
        )


NO_FILTER = Filter()
"""Searches all there is."""

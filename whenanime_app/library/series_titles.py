"""Builds the titles of a series from its episodes, which share its NFO files."""

from collections.abc import Sequence

from whenanime_app.library.library_models import SeriesTitle
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord


def build_series_title(episodes: Sequence[EpisodeRecord]) -> SeriesTitle:
    """Build the titles of a series, each the first that some episode has.

    Args:
        episodes: One or more episodes of the series.
    """

    def find(name: str) -> str | None:
        return next((value for e in episodes if (value := getattr(e, name)) is not None), None)

    return SeriesTitle(
        native=find("native"),
        romaji=find("romaji"),
        english=find("english"),
        display=find("display") or episodes[0].series,
        synonyms=list(dict.fromkeys(title for e in episodes for title in e.synonyms)),
    )

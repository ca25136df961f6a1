"""Builds the response models of openings and endings, which the files' chapters name."""

from collections.abc import Collection

from whenanime_app.library.library_models import EpisodeThemes, Theme, Themes
from whenanime_app.library.scene_json import format_label
from whenanime_pipeline.core.media.chapter_themes import find_theme_kinds
from whenanime_pipeline.core.search.query.filters import select_tagged
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

_SECOND_DIGITS = 3


def list_themes(episode: EpisodeRecord) -> list[Theme]:
    """Return an episode's openings and endings, in order of time."""
    kinds = find_theme_kinds([chapter.title for chapter in episode.chapters])
    return [
        Theme(
            kind=kind,
            from_=round(chapter.start, _SECOND_DIGITS),
            to=round(chapter.end, _SECOND_DIGITS),
            title=chapter.title,
        )
        for chapter, kind in zip(episode.chapters, kinds, strict=True)
        if kind is not None
    ]


def build_themes(
    snapshot: Snapshot, series: str | None, tags: Collection[str] | None = None
) -> Themes:
    """Build the openings and endings of all episodes with a known theme.

    Args:
        snapshot: published snapshot.
        series: name of the only series to list; None for all.
        tags: list only episodes that have all of these genres or tags, by `normalize_tag`.
    """
    return Themes(
        episodes=[
            EpisodeThemes(
                key=episode.key,
                series=episode.series,
                label=format_label(episode),
                themes=themes,
            )
            for episode in select_tagged(snapshot.episodes, tags)
            if series in (None, episode.series) and (themes := list_themes(episode))
        ]
    )

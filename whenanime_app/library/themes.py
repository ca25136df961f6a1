"""Openings and endings of episodes, as JSON: those that the files' own chapters name."""

from typing import Any

from whenanime_app.library.scene_json import format_label
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

_SECOND_DIGITS = 3


def list_themes(episode: EpisodeRecord) -> list[dict[str, Any]]:
    """Return an episode's openings and endings, in order of time."""
    return [
        {
            "kind": chapter.theme_kind,
            "from": round(chapter.start, _SECOND_DIGITS),
            "to": round(chapter.end, _SECOND_DIGITS),
            "title": chapter.title,
        }
        for chapter in episode.chapters
        if chapter.theme_kind is not None
    ]


def themes_json(snapshot: Snapshot, series: str | None) -> dict[str, Any]:
    """Return the openings and endings of all episodes that have one that is known.

    Args:
        snapshot: what is published.
        series: of this one only, by its name.
    """
    return {
        "episodes": [
            {
                "key": episode.key,
                "series": episode.series,
                "label": format_label(episode),
                "themes": themes,
            }
            for episode in snapshot.episodes
            if series in (None, episode.series) and (themes := list_themes(episode))
        ]
    }

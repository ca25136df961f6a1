"""Who is in a series, as JSON: its characters, as its NFO names them."""

from collections.abc import Iterable
from typing import Any

from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot


def list_characters(episodes: Iterable[EpisodeRecord]) -> list[dict[str, Any]]:
    """Return all characters of some episodes, each once, the most important first."""
    # Seasons may have an NFO each, and episodes of one share theirs.
    known = dict.fromkeys(one for episode in episodes for one in episode.characters)
    return [{"name": one.name, "voice": one.voice} for one in known]


def characters_json(snapshot: Snapshot, series: str | None) -> dict[str, Any]:
    """Return the characters of all series of which any are known.

    Args:
        snapshot: what is published.
        series: of this one only, by its name.
    """
    episodes: dict[str, list[EpisodeRecord]] = {}
    for episode in snapshot.episodes:
        if series in (None, episode.series):
            episodes.setdefault(episode.series, []).append(episode)
    return {
        "series": [
            {"series": name, "characters": characters}
            for name, own in sorted(episodes.items())
            if (characters := list_characters(own))
        ]
    }

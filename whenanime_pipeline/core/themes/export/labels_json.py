"""Labels for trainings: `{id: {url, name, start, end, themes}}`, the opening in `H:MM:SS`."""

import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from whenanime_pipeline.core.themes.export.episode import ExportedEpisode

_DIGITS = 3


def format_labels(episodes: Iterable[ExportedEpisode]) -> str:
    """Return the labels of some episodes as JSON.

    `start` and `end` are those of the opening, as trainings on openings alone read them; an episode
    without an opening has neither. `themes` holds everything that is certain, in decimals.

    Args:
        episodes: episodes, by whose keys the entries go.
    """
    document = {one.key: _describe(one) for one in episodes}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _describe(episode: ExportedEpisode) -> dict[str, Any]:
    certain = [one for one in episode.segments if one.confidence == "certain"]
    opening = next((one for one in certain if one.type == "opening"), None)
    times = (
        {}
        if opening is None
        else {"start": _format_clock(opening.start), "end": _format_clock(opening.end)}
    )
    return {
        "url": episode.path,
        "name": PurePosixPath(episode.path).name,
        **times,
        "themes": [
            {"type": one.type, "start": round(one.start, _DIGITS), "end": round(one.end, _DIGITS)}
            for one in certain
        ],
    }


def _format_clock(seconds: float) -> str:
    """65.4 → "0:01:05"."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"

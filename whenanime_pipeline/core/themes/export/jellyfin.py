"""Media segments in the shape of Jellyfin's API (10.10 and later)."""

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from whenanime_pipeline.core.themes.segments import Segment, SegmentType

TICKS = 10_000_000
"""Jellyfin's ticks in a second, of 100 ns."""
TYPES: Mapping[SegmentType, str] = MappingProxyType(
    {
        "opening": "Intro",
        "ending": "Outro",
        "recap": "Recap",
        "preview": "Preview",
        "sponsor": "Commercial",
    }
)


def format_segments(segments: Iterable[Segment]) -> str:
    """Return the answer of `/MediaSegments/{itemId}` as JSON, without the ids of a server.

    Args:
        segments: segments that may be skipped, in order of time.
    """
    items = [
        {
            "Type": TYPES[one.type],
            "StartTicks": round(one.start * TICKS),
            "EndTicks": round(one.end * TICKS),
        }
        for one in segments
    ]
    document = {"Items": items, "TotalRecordCount": len(items), "StartIndex": 0}
    return json.dumps(document, indent=1) + "\n"

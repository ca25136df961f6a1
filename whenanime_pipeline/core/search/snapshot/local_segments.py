"""Plans the segments (inverted files) of the next snapshot: which are kept and which are merged.

A single file would have to be rewritten for each episode; a file per episode would have to be
searched one by one. As in a log-structured merge, each file is at least twice as large as the next:
there are few, and an episode is rewritten only logarithmically often.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from whenanime_pipeline.core.search.snapshot.manifest import LocalSegment

SIZE_RATIO = 2
"""A file is merged into the new one unless it is more than this many times as large."""
MAX_DEAD_SHARE = 0.5
"""Share of removed features above which a file is rewritten."""


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """Plan of the segments.

    Attributes:
        kept: files taken over unchanged, largest first.
        merged: ordinals of the contents of a new file, ascending; no new file if empty.
    """

    kept: tuple[LocalSegment, ...]
    merged: tuple[int, ...]


def plan_segments(
    parent_segments: Iterable[LocalSegment],
    wanted: Mapping[int, int],
    readable: Callable[[int], bool] = lambda _: True,
) -> SegmentPlan:
    """Decide which files are kept and which contents are merged into a new one.

    Args:
        parent_segments: segments of the published snapshot; no content is in two.
        wanted: ordinal of each content of the next snapshot with local features → their number;
            contents outside the old segments must be readable.
        readable: returns whether a content's own file exists, from which it can be rewritten;
            segments with other contents are kept.

    Returns:
        A plan in which every wanted content is in exactly one file.
    """
    kept: list[LocalSegment] = []
    merged: set[int] = set()
    for segment in parent_segments:
        live = _live(segment, wanted)
        gone = segment.feature_count - sum(wanted[content] for content in live)
        if gone > MAX_DEAD_SHARE * segment.feature_count and all(map(readable, live)):
            merged |= live
        elif live:
            kept.append(segment)
    merged |= wanted.keys() - {content for segment in kept for content in segment.contents}
    kept.sort(key=lambda segment: segment.feature_count, reverse=True)
    large: list[LocalSegment] = []
    while merged and kept:
        segment = kept.pop()
        live = _live(segment, wanted)
        if not all(map(readable, live)):
            large.append(segment)
        elif segment.feature_count <= SIZE_RATIO * sum(wanted[content] for content in merged):
            merged |= live
        else:
            kept.append(segment)
            break
    kept = sorted([*kept, *large], key=lambda segment: segment.feature_count, reverse=True)
    return SegmentPlan(tuple(kept), tuple(sorted(merged)))


def _live(segment: LocalSegment, wanted: Mapping[int, int]) -> set[int]:
    return segment.contents.keys() & wanted.keys()

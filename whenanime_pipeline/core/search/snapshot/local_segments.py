"""Which inverted files the next snapshot takes over, and what goes into a new one.

One file a snapshot would have to be rewritten for each episode, one file an episode would have
to be searched one by one. So the files' sizes fall by half at least, from one to the next: there
are few, and an episode is rewritten only when the file it is in has grown by half.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from whenanime_pipeline.core.search.snapshot.manifest import LocalSegment

SIZE_RATIO = 2
"""A file is taken into the new one unless it is more than this many times as large."""
MAX_DEAD_SHARE = 0.5
"""Share of a file's features that is gone when the rest is rewritten."""


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """What becomes of the files.

    Attributes:
        kept: taken over as they are, the largest first.
        merged: ordinals of the contents that go into a new file, rising; no file when empty.
    """

    kept: tuple[LocalSegment, ...]
    merged: tuple[int, ...]


def plan_segments(
    parent_segments: Iterable[LocalSegment],
    wanted: Mapping[int, int],
    readable: Callable[[int], bool] = lambda _: True,
) -> SegmentPlan:
    """Decide which files are kept, so that every wanted content is in one of them.

    Args:
        parent_segments: the published snapshot's files; no content is in two.
        wanted: the contents of the next snapshot that have local features, by ordinal, with how
            many; those that are not in an old file must be readable.
        readable: whether a content's own file is there, from which it can be rewritten. The
            file a content is in is kept otherwise.
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

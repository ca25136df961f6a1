"""Says what changed in a season's themes, and why, for people to read."""

from collections.abc import Iterator
from dataclasses import dataclass

from whenanime_pipeline.core.themes.segments import SeasonThemes, Segment

_MOVED = 0.5
"""Seconds by which a bound has to move to be a change."""


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """A segment of an episode that is new, gone or other than before.

    Attributes:
        fingerprint: of the episode's content.
        before: as it was; None for a new one.
        after: as it is; None for one that is gone.
    """

    fingerprint: str
    before: Segment | None
    after: Segment | None


def list_changes(before: SeasonThemes | None, after: SeasonThemes) -> list[SegmentChange]:
    """Return the segments that differ, by episode and time.

    Args:
        before: themes of the season as they were; None for a season seen for the first time.
        after: as they are.
    """
    old = before.episodes if before else {}
    return [
        change
        for fingerprint in sorted(old.keys() | after.episodes.keys())
        for change in _compare(
            fingerprint, old.get(fingerprint, ()), after.episodes.get(fingerprint, ())
        )
    ]


def describe_reason(before: SeasonThemes | None, after: SeasonThemes) -> str:
    """Return why a season was computed again."""
    if before is None:
        return "seen for the first time"
    added = len(after.episodes.keys() - before.episodes.keys())
    gone = len(before.episodes.keys() - after.episodes.keys())
    parts = [
        f"{count} episodes {what}" for count, what in ((added, "new"), (gone, "gone")) if count
    ]
    return ", ".join(parts) or "another model, method or sampling"


def _compare(
    fingerprint: str, before: tuple[Segment, ...], after: tuple[Segment, ...]
) -> Iterator[SegmentChange]:
    left = list(before)
    for one in after:
        same = next((other for other in left if _overlap(one, other)), None)
        if same is not None:
            left.remove(same)
        if same is None or _differs(same, one):
            yield SegmentChange(fingerprint, same, one)
    for other in left:
        yield SegmentChange(fingerprint, other, None)


def _overlap(one: Segment, other: Segment) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared > 0.5 * min(one.end - one.start, other.end - other.start)


def _differs(before: Segment, after: Segment) -> bool:
    moved = max(abs(before.start - after.start), abs(before.end - after.end))
    return (
        before.type != after.type
        or before.confidence != after.confidence
        or before.template != after.template
        or moved > _MOVED
    )

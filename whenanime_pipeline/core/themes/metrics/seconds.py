"""Scores of seconds: precision, recall, F1, IoU, and the story that a player would skip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from whenanime_pipeline.core.themes.metrics.intervals import (
    Interval,
    measure,
    measure_outside,
    measure_overlap,
)
from whenanime_pipeline.core.themes.segments import SKIPPABLE, Segment, SegmentType

THEMES: tuple[SegmentType, ...] = ("opening", "ending")
"""Types that are scored together."""


@dataclass(frozen=True, slots=True)
class TrueSegment:
    """A segment that an episode has.

    Attributes:
        type: what it is.
        start: second of its beginning.
        end: second of its end.
    """

    type: SegmentType
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """Seconds of found and true segments; a second counts only where the type is right as well.

    Attributes:
        shared: seconds that are both found and true.
        found: seconds that are found.
        true: seconds that are true.
    """

    shared: float
    found: float
    true: float

    def __add__(self, other: Self) -> "Overlap":
        return Overlap(self.shared + other.shared, self.found + other.found, self.true + other.true)

    @property
    def precision(self) -> float:
        """Share of the found seconds that are true; 1 where none are found."""
        return self.shared / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true seconds that are found; 1 where there are none."""
        return self.shared / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 where nothing is true and nothing is found."""
        whole = self.found + self.true
        return 2 * self.shared / whole if whole else 1.0

    @property
    def iou(self) -> float:
        """Shared seconds of those that are found or true; 1 where there are none."""
        either = self.found + self.true - self.shared
        return self.shared / either if either else 1.0


def measure_seconds(
    found: Sequence[Segment],
    true: Sequence[TrueSegment],
    types: Sequence[SegmentType] = THEMES,
) -> Overlap:
    """Return how the seconds of an episode's found segments agree with the truth.

    Args:
        found: what was found.
        true: what there is.
        types: which types count, each for itself.
    """
    total = Overlap(0.0, 0.0, 0.0)
    for kind in types:
        left, right = select_intervals(found, [kind]), select_intervals(true, [kind])
        total += Overlap(measure_overlap(left, right), measure(left), measure(right))
    return total


def measure_skipped_story(found: Sequence[Segment], true: Sequence[TrueSegment]) -> float:
    """Return the seconds of story that a player which skips everything found would skip.

    What a player may skip is `SKIPPABLE`. Everything else is story, eyecatches and what is repeated
    as well; a segment of a wrong type that may be skipped costs no story.
    """
    return measure_outside(select_intervals(found, SKIPPABLE), select_intervals(true, SKIPPABLE))


def select_certain(found: Iterable[Segment]) -> list[Segment]:
    """Return the segments that are certain."""
    return [segment for segment in found if segment.confidence == "certain"]


def select_intervals(
    segments: Iterable[Segment | TrueSegment], types: Iterable[SegmentType]
) -> list[Interval]:
    """Return where the segments of some types are."""
    wanted = frozenset(types)
    return [(s.start, s.end) for s in segments if s.type in wanted]

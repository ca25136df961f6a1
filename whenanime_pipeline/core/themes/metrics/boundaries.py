"""Scores of segments: which are found, how far their bounds are off, whether their types are right.

The score of cut points is that of a public contest: seconds of error beyond the first one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from whenanime_pipeline.core.themes.metrics.seconds import THEMES, TrueSegment
from whenanime_pipeline.core.themes.segments import Segment, SegmentType

FREE = 1.0
"""Seconds of error that cost nothing in the score of cut points."""
LOST = 10.0
"""Seconds that each cut point of a missed or an invented theme costs."""
_MUST_SHARE = 0.5
"""Share of the shorter of two segments that they must share to be compared by type."""


@dataclass(frozen=True, slots=True)
class SegmentMatch:
    """Found and true segments of an episode, matched one to one.

    Attributes:
        pairs: found and true segments that belong together, by falling overlap.
        invented: found ones that are none.
        missed: true ones that were not found.
    """

    pairs: tuple[tuple[Segment, TrueSegment], ...]
    invented: tuple[Segment, ...]
    missed: tuple[TrueSegment, ...]

    @property
    def errors(self) -> list[float]:
        """Seconds by which both bounds of each pair are off, never negative."""
        return [
            abs(error)
            for found, true in self.pairs
            for error in (found.start - true.start, found.end - true.end)
        ]

    @property
    def cut_point_costs(self) -> list[float]:
        """Cost of both cut points of every theme, found, missed or invented."""
        lost = 2 * (len(self.invented) + len(self.missed))
        return [max(0.0, error - FREE) for error in self.errors] + [LOST] * lost


def match_themes(
    found: Sequence[Segment],
    true: Sequence[TrueSegment],
    types: Sequence[SegmentType] = THEMES,
) -> SegmentMatch:
    """Match found segments with true ones of the same type that they overlap, the longest first."""
    left = [segment for segment in found if segment.type in types]
    right = [segment for segment in true if segment.type in types]
    candidates = [
        (_overlap(a, b), i, j)
        for i, a in enumerate(left)
        for j, b in enumerate(right)
        if a.type == b.type and _overlap(a, b) > 0
    ]
    chosen = _match_greedily(candidates)
    return SegmentMatch(
        tuple((left[i], right[j]) for i, j in chosen),
        tuple(a for i, a in enumerate(left) if i not in {i for i, _ in chosen}),
        tuple(b for j, b in enumerate(right) if j not in {j for _, j in chosen}),
    )


def compare_types(
    found: Sequence[Segment], true: Sequence[TrueSegment]
) -> list[tuple[SegmentType, SegmentType]]:
    """Return found and true type of the segments that share at least half of the shorter one."""
    candidates = []
    for i, a in enumerate(found):
        for j, b in enumerate(true):
            shorter = min(a.end - a.start, b.end - b.start)
            if shorter > 0 and _overlap(a, b) >= _MUST_SHARE * shorter:
                candidates.append((_overlap(a, b), i, j))
    return [(found[i].type, true[j].type) for i, j in _match_greedily(candidates)]


def count_false_themes(
    found: Sequence[Segment], true: Sequence[TrueSegment]
) -> dict[SegmentType, int]:
    """Return how many openings and endings were found in an episode that has neither.

    Returns:
        Type → count; empty for an episode that has an opening or an ending.
    """
    if any(segment.type in THEMES for segment in true):
        return {}
    return {kind: sum(segment.type == kind for segment in found) for kind in THEMES}


def _overlap(a: Segment, b: TrueSegment) -> float:
    return max(0.0, min(a.end, b.end) - max(a.start, b.start))


def _match_greedily(candidates: list[tuple[float, int, int]]) -> list[tuple[int, int]]:
    chosen: list[tuple[int, int]] = []
    for _, i, j in sorted(candidates, key=lambda c: (-c[0], c[1], c[2])):
        if all(i != a and j != b for a, b in chosen):
            chosen.append((i, j))
    return chosen

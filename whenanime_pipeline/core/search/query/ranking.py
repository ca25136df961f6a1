"""Which of the places where a screenshot may lie comes first."""

from collections.abc import Sequence

from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame
from whenanime_pipeline.core.search.query.confidence import Judge


def select_best(found: Sequence[VerifiedFrame], judge: Judge) -> VerifiedFrame | None:
    """Return what is answered first; None when nothing was found.

    That it is there, all that was measured says; which moment it is, what is seen of it: also where
    the same shot is in several episodes, as an intro with another ending each.

    Args:
        found: in any order.
        judge: says what each is worth.
    """
    believed = [one for one in found if judge.is_match(one)]
    if believed:
        return min(believed, key=lambda one: one.comparison.cost)
    return max(found, key=judge.score, default=None)


def rank_verified(found: Sequence[VerifiedFrame], judge: Judge) -> list[VerifiedFrame]:
    """Return what was found, the most credible first, each place once.

    Args:
        found: in any order.
        judge: says what each is worth.
    """
    best = select_best(found, judge)
    kept: list[VerifiedFrame] = []
    for one in sorted(found, key=lambda one: (one is not best, -judge.score(one))):
        if not any(_is_same_place(one, other) for other in kept):
            kept.append(one)
    return kept


def _is_same_place(one: VerifiedFrame, other: VerifiedFrame) -> bool:
    """Tell whether two answers name the same stretch of the same content."""
    return (
        one.segment.content == other.segment.content
        and one.segment.mirrored == other.segment.mirrored
        and one.segment.first <= other.segment.last
        and other.segment.first <= one.segment.last
    )

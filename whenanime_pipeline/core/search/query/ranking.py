"""Ranks the verified frames of a query."""

from collections.abc import Sequence

from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame
from whenanime_pipeline.core.search.query.confidence import Judge


def select_best(verified: Sequence[VerifiedFrame], judge: Judge) -> VerifiedFrame | None:
    """Return the best answer; None when there is none.

    All measurements together decide what is a match; among matches the pixels alone decide the
    moment, also where several episodes share a shot, as an opening with different endings.

    Args:
        verified: verified frames, in any order.
        judge: scores answers.
    """
    matches = [one for one in verified if judge.is_match(one)]
    if matches:
        return min(matches, key=lambda one: one.comparison.cost)
    return max(verified, key=judge.score, default=None)


def rank_verified(verified: Sequence[VerifiedFrame], judge: Judge) -> list[VerifiedFrame]:
    """Return the frames, the most credible first, without those of overlapping segments.

    Args:
        verified: verified frames, in any order.
        judge: scores answers.
    """
    best = select_best(verified, judge)
    ranked: list[VerifiedFrame] = []
    for one in sorted(verified, key=lambda one: (one is not best, -judge.score(one))):
        if not any(_overlaps(one, other) for other in ranked):
            ranked.append(one)
    return ranked


def _overlaps(one: VerifiedFrame, other: VerifiedFrame) -> bool:
    """Return whether the segments of two answers overlap."""
    return (
        one.segment.content == other.segment.content
        and one.segment.mirrored == other.segment.mirrored
        and one.segment.first <= other.segment.last
        and other.segment.first <= one.segment.last
    )

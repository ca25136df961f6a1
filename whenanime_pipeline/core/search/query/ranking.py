"""Which of the places where a screenshot may lie comes first."""

from collections.abc import Sequence

from whenanime_pipeline.core.search.geometry.verification import Verified
from whenanime_pipeline.core.search.query.confidence import Judge


def first(found: Sequence[Verified], judge: Judge) -> Verified | None:
    """Return what is answered first; None when nothing was found.

    That it is there, all that was measured says; which moment it is, what is seen of it: also where
    the same shot is in several episodes, as an intro with another ending each.

    Args:
        found: in any order.
        judge: says what each is worth.
    """
    believed = [one for one in found if judge.believes(one)]
    if believed:
        return min(believed, key=lambda one: one.agreement.misfit)
    return max(found, key=judge.score, default=None)


def ranked(found: Sequence[Verified], judge: Judge) -> list[Verified]:
    """Return what was found, the most credible first, each place once.

    Args:
        found: in any order.
        judge: says what each is worth.
    """
    best = first(found, judge)
    kept: list[Verified] = []
    for one in sorted(found, key=lambda one: (one is not best, -judge.score(one))):
        if not any(_same_place(one, other) for other in kept):
            kept.append(one)
    return kept


def _same_place(one: Verified, other: Verified) -> bool:
    """Tell whether two answers name the same stretch of the same content."""
    return (
        one.lead.content == other.lead.content
        and one.lead.mirrored == other.lead.mirrored
        and one.lead.first <= other.lead.last
        and other.lead.first <= one.lead.last
    )

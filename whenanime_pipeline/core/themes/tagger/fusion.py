"""Fuses several predictions: the cluster of the majority, or none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_SAME = 0.5
"""Overlap, as intersection over union, from which on two predictions mean the same segment."""
_TOGETHER = 2.0
"""Seconds within which cut points form a cluster."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A segment that one voter predicts: start and end in seconds, and its probability."""

    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class Fused:
    """A segment that a majority predicts.

    Attributes:
        start: second of its beginning.
        end: second of its end.
        start_error: half of the range of the voters' beginnings.
        end_error: likewise of the ends.
        support: share of the voters that predict it, above a half.
        probability: mean over all voters; those without it count as 0.
    """

    start: float
    end: float
    start_error: float
    end_error: float
    support: float
    probability: float


def fuse(votes: Sequence[Sequence[Prediction]]) -> list[Fused]:
    """Return the segments that more than half of the voters predict, in order of time.

    Cut points are those of the largest cluster, as k-means fuses them, not the mean of all: a voter
    that is far off moves nothing. Voters that predict nothing vote for none.

    Args:
        votes: each voter's segments of one class, which do not overlap.
    """
    left = [
        (voter, prediction) for voter, predictions in enumerate(votes) for prediction in predictions
    ]
    found: list[Fused] = []
    while left:
        clusters = [_gather(prediction, left) for _, prediction in left]
        cluster = max(clusters, key=lambda one: (len(one), sum(p.probability for _, p in one)))
        if 2 * len(cluster) <= len(votes):
            break
        found.append(_join([prediction for _, prediction in cluster], len(votes)))
        left = [one for one in left if _overlap(one[1], cluster[0][1]) == 0 and one not in cluster]
    return sorted(found, key=lambda one: one.start)


def _gather(
    centre: Prediction, left: Sequence[tuple[int, Prediction]]
) -> list[tuple[int, Prediction]]:
    """Return each voter's prediction that overlaps most with `centre`, where it is the same."""
    best: dict[int, Prediction] = {}
    for voter, prediction in left:
        overlap = _overlap(centre, prediction)
        if overlap >= _SAME and (voter not in best or overlap > _overlap(centre, best[voter])):
            best[voter] = prediction
    return sorted(best.items(), key=lambda one: _overlap(centre, one[1]), reverse=True)


def _overlap(first: Prediction, second: Prediction) -> float:
    """Return the intersection over union of two predictions."""
    shared = min(first.end, second.end) - max(first.start, second.start)
    whole = max(first.end, second.end) - min(first.start, second.start)
    return max(0.0, shared) / whole if whole > 0 else 0.0


def _join(cluster: Sequence[Prediction], voters: int) -> Fused:
    start, start_error = choose_majority([one.start for one in cluster])
    end, end_error = choose_majority([one.end for one in cluster])
    return Fused(
        start=start,
        end=end,
        start_error=start_error,
        end_error=end_error,
        support=len(cluster) / voters,
        probability=sum(one.probability for one in cluster) / voters,
    )


def choose_majority(values: Sequence[float]) -> tuple[float, float]:
    """Return the median of the largest cluster of cut points, and half of the range of all.

    Args:
        values: seconds, at least one.
    """
    ordered = np.sort(np.asarray(values, np.float64))
    last = np.searchsorted(ordered, ordered + _TOGETHER, side="right")
    first = int((last - np.arange(len(ordered))).argmax())
    return float(np.median(ordered[first : last[first]])), float(np.ptp(ordered) / 2)

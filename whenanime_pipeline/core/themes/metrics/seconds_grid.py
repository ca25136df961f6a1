"""Openings on a grid of whole seconds, as earlier taggers of the first minutes were scored.

The first 180 s are labelled once a second. Precision, recall and F1 are of the seconds of all
episodes together, the IoU is a mean over episodes: leniently one without an opening for which none
is found counts 1, strictly it is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.metrics.intervals import Interval
from whenanime_pipeline.core.themes.metrics.seconds import Overlap

SECONDS = 180
"""Length of the grid."""


@dataclass(frozen=True, slots=True)
class GridScore:
    """Scores on the grid, each from 0 to 1.

    Attributes:
        precision: share of the found seconds that are true.
        recall: share of the true seconds that are found.
        f1: their harmonic mean.
        lenient_iou: mean over all episodes.
        strict_iou: mean over the episodes in which an opening is true or found.
    """

    precision: float
    recall: float
    f1: float
    lenient_iou: float
    strict_iou: float


def score_grid(episodes: Sequence[tuple[Sequence[Interval], Sequence[Interval]]]) -> GridScore:
    """Score found and true openings.

    Args:
        episodes: intervals found and true ones of each episode.

    Raises:
        ValueError: there are no episodes.
    """
    if not episodes:
        raise ValueError("there are no episodes to score")
    overlaps = [_compare(label_seconds(found), label_seconds(true)) for found, true in episodes]
    total = sum(overlaps, Overlap(0.0, 0.0, 0.0))
    strict = [overlap.iou for overlap in overlaps if overlap.found or overlap.true]
    return GridScore(
        total.precision,
        total.recall,
        total.f1,
        float(np.mean([overlap.iou for overlap in overlaps])),
        float(np.mean(strict)) if strict else 1.0,
    )


def label_seconds(intervals: Sequence[Interval]) -> NDArray[np.bool_]:
    """Return `(SECONDS,)` whether the beginning of each second lies in one of the intervals."""
    grid = np.arange(SECONDS)
    labels = np.zeros(SECONDS, bool)
    for start, end in intervals:
        labels |= (grid >= start) & (grid < end)
    return labels


def _compare(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> Overlap:
    return Overlap(float((found & true).sum()), float(found.sum()), float(true.sum()))

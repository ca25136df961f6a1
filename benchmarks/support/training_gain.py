"""Scores before and after a training, compared with those that the seed publishes."""

from math import inf

from benchmarks.support.report import Figure, Target
from benchmarks.support.training_process import FinishedTraining
from whenanime_pipeline.core.learning.evaluation import RetrievalMetrics, ScoresWithIntervals

_NAMES = {"acc1": "top-1", "acc5": "top-5", "acc10": "top-10", "acc20": "top-20", "mrr": "MRR"}
_PUBLISHED = {
    "acc1": (0.6365, 0.9325),
    "acc5": (0.7723, 0.9888),
    "acc10": (0.8191, 0.9945),
    "acc20": (0.8573, 0.9974),
    "mrr": (0.6970, 0.9572),
}
"""Score → the seed's values before and after training, from its README: views → originals, of 3,483
validation pictures of 600 episodes of 15 minutes, by ResNet-18 from random weights."""
_DIRECTIONS = {
    "views_to_originals": "views → originals",
    "originals_to_views": "originals → views",
}
_CLIMBS = Target("≥", 0.0)


def gain_figures(before: RetrievalMetrics, after: RetrievalMetrics) -> list[Figure]:
    """Return all scores in both directions, and the share of errors that the training removed."""
    figures = [
        _figure(f"{where}, {when}: {_NAMES[score]}", getattr(judged, direction), score)
        for direction, where in _DIRECTIONS.items()
        for when, judged in (("before", before), ("after", after))
        for score in _NAMES
    ]
    first, last = before.views_to_originals, after.views_to_originals
    return [
        *figures,
        Figure("top-1: after − before", last.scores.acc1 - first.scores.acc1),
        Figure(
            "MRR: lower bound after − upper bound before",
            last.low.mrr - first.high.mrr,
            target=_CLIMBS,
        ),
        *(
            Figure(
                f"{_NAMES[score]}: error reduction",
                error_reduction(getattr(first.scores, score), getattr(last.scores, score)),
            )
            for score in ("acc1", "mrr")
        ),
    ]


def gain_rows(before: RetrievalMetrics, after: RetrievalMetrics) -> list[dict[str, object]]:
    """Return a row for each score: ours and the seed's, views → originals."""
    first, last = before.views_to_originals.scores, after.views_to_originals.scores
    rows: list[dict[str, object]] = []
    for score, (low, high) in _PUBLISHED.items():
        ours = (getattr(first, score), getattr(last, score))
        rows.append(
            {
                "": _NAMES[score],
                "before": f"{ours[0]:.4f}",
                "after": f"{ours[1]:.4f}",
                "error reduction": error_reduction(*ours),
                "published before": f"{low:.4f}",
                "published after": f"{high:.4f}",
                "published error reduction": error_reduction(low, high),
            }
        )
    return rows


def error_reduction(before: float, after: float) -> float:
    """Return the share of the errors before that the training removed.

    Makes gains comparable that start from different scores: the smaller the gallery, the higher the
    scores of random weights.
    """
    return (after - before) / (1 - before) if before < 1 else 0.0


def max_score_difference(first: FinishedTraining, other: FinishedTraining) -> float:
    """Return the largest difference of any score of two trainings, in percentage points.

    Compares all epochs and the final model; infinite if the numbers of epochs differ.
    """
    if [row.epoch for row in first.log] != [row.epoch for row in other.log]:
        return inf
    return 100 * max(abs(a - b) for a, b in zip(_scores(first), _scores(other), strict=True))


def _scores(ended: FinishedTraining) -> list[float]:
    rows = [getattr(row, score) for row in ended.log for score in _NAMES]
    ends = [
        getattr(getattr(judged, direction).scores, score)
        for judged in (ended.before, ended.after)
        for direction in _DIRECTIONS
        for score in _NAMES
    ]
    return [*rows, *ends]


def _figure(name: str, measured: ScoresWithIntervals, score: str) -> Figure:
    interval = (getattr(measured.low, score), getattr(measured.high, score))
    return Figure(name, getattr(measured.scores, score), f"of {measured.scores.count}", interval)

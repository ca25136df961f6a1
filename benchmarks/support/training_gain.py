"""How far a training climbs: before and after, next to what the seed publishes."""

from math import inf

from benchmarks.support.report import Figure, Target
from benchmarks.support.training_process import FinishedTraining
from whenanime_pipeline.core.learning.evaluation import RetrievalMetrics, ScoresWithIntervals

_NAMES = {"acc1": "top-1", "acc5": "top-5", "acc10": "top-10", "acc20": "top-20", "mrr": "MRR"}
# The seed's README: 3,483 validation pictures of 600 episodes of a quarter of an hour, augmented
# ones that look for their originals, by ResNet-18 from random weights, before and after.
_PUBLISHED = {
    "acc1": (0.6365, 0.9325),
    "acc5": (0.7723, 0.9888),
    "acc10": (0.8191, 0.9945),
    "acc20": (0.8573, 0.9974),
    "mrr": (0.6970, 0.9572),
}
_DIRECTIONS = {
    "views_to_originals": "views → originals",
    "originals_to_views": "originals → views",
}
_CLIMBS = Target("≥", 0.0)


def gain_figures(before: RetrievalMetrics, after: RetrievalMetrics) -> list[Figure]:
    """Return all scores in both directions, and how much of the way to 1 was climbed."""
    figures = [
        _figure(f"{where}, {when}: {_NAMES[score]}", getattr(judged, direction), score)
        for direction, where in _DIRECTIONS.items()
        for when, judged in (("before", before), ("after", after))
        for score in _NAMES
    ]
    first, last = before.views_to_originals, after.views_to_originals
    return [
        *figures,
        Figure("top-1, after less before", last.scores.acc1 - first.scores.acc1),
        Figure(
            "MRR, lowest after less highest before", last.low.mrr - first.high.mrr, target=_CLIMBS
        ),
        *(
            Figure(
                f"misses by {_NAMES[score]} that are gone",
                error_reduction(getattr(first.scores, score), getattr(last.scores, score)),
            )
            for score in ("acc1", "mrr")
        ),
    ]


def gain_rows(before: RetrievalMetrics, after: RetrievalMetrics) -> list[dict[str, object]]:
    """Return a record a score: ours and the seed's, augmented frames looking for originals."""
    first, last = before.views_to_originals.scores, after.views_to_originals.scores
    rows: list[dict[str, object]] = []
    for score, (low, high) in _PUBLISHED.items():
        ours = (getattr(first, score), getattr(last, score))
        rows.append(
            {
                "": _NAMES[score],
                "before": f"{ours[0]:.4f}",
                "after": f"{ours[1]:.4f}",
                "misses gone": error_reduction(*ours),
                "published before": f"{low:.4f}",
                "published after": f"{high:.4f}",
                "published misses gone": error_reduction(low, high),
            }
        )
    return rows


def error_reduction(before: float, after: float) -> float:
    """Return the share of the misses before that are no misses after.

    It compares climbs that begin at different heights: the fewer pictures there are to choose
    from, the higher random weights begin.
    """
    return (after - before) / (1 - before) if before < 1 else 0.0


def max_score_difference(first: FinishedTraining, other: FinishedTraining) -> float:
    """Return the largest difference of two trainings, in points.

    Of all scores of all epochs and of the model that came of them; infinite when one has not as
    many epochs as the other.
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

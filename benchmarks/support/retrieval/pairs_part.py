"""Protocol S: retrieval of positive pairs of real and drawn pictures, in both directions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from benchmarks.support.report import Figure, Target
from benchmarks.support.retrieval.pair_retrieval import PairRetriever, evaluate_pairs
from benchmarks.support.retrieval.positive_pairs import DRAWN, PositivePair
from benchmarks.support.retrieval.report_part import ReportPart
from whenanime_pipeline.core.learning.evaluation import RetrievalMetrics, ScoresWithIntervals

VECTORS, WHOLE, SEEDS = "ours, vectors alone", "ours, the whole search", "the seed's recipe"
_UNSEEN, _SEEN, _SEEN_MRR = Target("≥", 0.93), Target("≥", 0.985), Target("≥", 0.990)
_THIRD = Target("≤", 1 / 3)
_DIRECTIONS = {
    "views_to_originals": "views → originals",
    "originals_to_views": "originals → views",
}


def positive_pairs_part(
    sets: Mapping[str, Sequence[PositivePair]],
    retrievers: Mapping[str, Callable[[str], PairRetriever]],
    *,
    seen: bool,
    log: Callable[[str], None],
) -> ReportPart:
    """Evaluate every system on every set of pairs.

    Args:
        sets: name of the set → its pairs.
        retrievers: name of the system → series of a query → retriever.
        seen: whether our model was trained on one of these films, which raises its targets.
        log: takes one line of progress.
    """
    figures: list[Figure] = []
    rows: list[dict[str, object]] = []
    for pictures, pairs in sets.items():
        judged: dict[str, RetrievalMetrics] = {}
        for system, retriever_of in retrievers.items():
            log(f"{len(pairs)} pairs, {pictures}: {system}")
            judged[system] = evaluate_pairs(pairs, retriever_of)
            for direction, where in _DIRECTIONS.items():
                measured = getattr(judged[system], direction)
                rows.append({"pictures": pictures, "system": system, "direction": where}
                            | _row(measured))  # fmt: skip
        figures += _figures(pictures, judged, seen=seen)
    return ReportPart(figures, {"S: positive pairs that retrieve each other": rows})


def _figures(pictures: str, judged: Mapping[str, RetrievalMetrics], *, seen: bool) -> list[Figure]:
    figures = []
    for system, both in judged.items():
        found = both.views_to_originals
        wanted = system in (VECTORS, WHOLE) and pictures != DRAWN
        top1 = (_SEEN if seen else _UNSEEN) if wanted else None
        figures.append(_figure(f"S: {pictures}, {system}: top-1", found, "acc1", top1))
        mrr = _SEEN_MRR if wanted and seen else None
        figures.append(_figure(f"S: {pictures}, {system}: MRR", found, "mrr", mrr))
    if {VECTORS, SEEDS} <= set(judged):
        misses = {
            system: 1 - judged[system].views_to_originals.scores.acc1 for system in (VECTORS, SEEDS)
        }
        if misses[SEEDS]:
            share = misses[VECTORS] / misses[SEEDS]
            figures.append(
                Figure(f"S: {pictures}, error rate, ours / the seed's", share, "×", target=_THIRD)
            )
    return figures


def _figure(name: str, found: ScoresWithIntervals, score: str, target: Target | None) -> Figure:
    spread = (getattr(found.low, score), getattr(found.high, score))
    return Figure(name, getattr(found.scores, score), f"of {found.scores.count}", spread, target)


def _row(found: ScoresWithIntervals) -> dict[str, object]:
    low, high = asdict(found.low), asdict(found.high)
    return {
        name: value if name == "count" else f"{value:.4f} ({low[name]:.3f}–{high[name]:.3f})"
        for name, value in asdict(found.scores).items()
    }

"""How well vectors find their twins: top-k and reciprocal rank, with intervals, both directions.

Row i of the queries and row i of the gallery show one picture, one of them augmented. In the seed's
README views are the queries and originals the gallery, in its code it is the other way round; both
are given.

The frames of an episode are no independent witnesses: the intervals tell of chance among frames
like these, and not how another library will fare.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.vectors import Vectors

Ranks = NDArray[np.int64]
"""`(n,)`: the place at which each query finds its twin, 1 for the first."""

TOP_KS = (1, 5, 10, 20)
MRR_AT = 20
"""Reciprocal ranks count up to this place, as the seed's do."""
BOOTSTRAP_ROUNDS = 1000
TIE_TOLERANCE = 1e-6
"""Cosines nearer than this are equal: the last bits differ from one matrix product to another."""
_PERCENTILES = (2.5, 97.5)
_CHUNK = 1 << 24  # cosines in memory at once


@dataclass(frozen=True, slots=True)
class Scores:
    """How often twins are found.

    Attributes:
        acc1, acc5, acc10, acc20: share of the queries whose twin is among the first k.
        mrr: mean of 1 / place, 0 for twins that are not among the first 20.
        count: queries.
    """

    acc1: float
    acc5: float
    acc10: float
    acc20: float
    mrr: float
    count: int


@dataclass(frozen=True, slots=True)
class ScoresWithIntervals:
    """Scores, and between which scores those of 95 of 100 such sets of queries lie."""

    scores: Scores
    low: Scores
    high: Scores

    def to_json(self) -> dict[str, Any]:
        """Return the scores by name, and beside them their `intervals`."""
        found, low, high = asdict(self.scores), asdict(self.low), asdict(self.high)
        names = [name for name in found if name != "count"]
        return found | {"intervals": {name: [low[name], high[name]] for name in names}}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave.

        Raises:
            KeyError, TypeError: it is something else.
        """
        scores = {name: value[name] for name in Scores.__slots__}
        ends = ({n: pair[end] for n, pair in value["intervals"].items()} for end in (0, 1))
        low, high = (Scores(**end, count=scores["count"]) for end in ends)
        return cls(Scores(**scores), low, high)


@dataclass(frozen=True, slots=True)
class RetrievalMetrics:
    """Both directions.

    Attributes:
        views_to_originals: the question a person asks: an edited picture, for the stored one.
        originals_to_views: the other way round, as the seed's code measures.
    """

    views_to_originals: ScoresWithIntervals
    originals_to_views: ScoresWithIntervals

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {name: getattr(self, name).to_json() for name in self.__slots__}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave.

        Raises:
            KeyError, TypeError: it is something else.
        """
        return cls(**{name: ScoresWithIntervals.from_json(value[name]) for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class MrrDifference:
    """By how much one mean reciprocal rank is above another, on the same queries.

    Attributes:
        value: of the means.
        low, high: the 95 % interval of the paired difference.
    """

    value: float
    low: float
    high: float

    @property
    def is_significant(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def compute_ranks(
    queries: Vectors, gallery: Vectors, positives: NDArray[np.int64] | None = None
) -> Ranks:
    """Return the place of each query's twin in the gallery.

    What is as near as the twin counts as nearer, and what is no number too. A query to which all
    of several vectors are as near has found nothing, and its place is beyond every cut however few
    they are: a network that gives one vector for everything, or none, scores 0.

    Args:
        queries: `(n, d)` of unit length.
        gallery: `(m, d)` of unit length.
        positives: `(n,)` rows of the gallery that are the right answers; by default row i is query i's,
            and rows after the n-th are nobody's.

    Raises:
        ValueError: the shapes do not fit.
    """
    if queries.ndim != 2 or gallery.ndim != 2 or queries.shape[1] != gallery.shape[1]:
        raise ValueError(f"queries of {queries.shape} cannot ask a gallery of {gallery.shape}")
    right = np.arange(len(queries)) if positives is None else positives
    if len(right) != len(queries) or (len(right) and right.max() >= len(gallery)):
        raise ValueError(f"{len(queries)} queries lack their twins among {len(gallery)} vectors")
    found = np.empty(len(queries), np.int64)
    step = max(1, _CHUNK // max(1, len(gallery)))
    for first in range(0, len(queries), step):
        rows = slice(first, first + step)
        with np.errstate(invalid="ignore", over="ignore"):
            cosines = queries[rows] @ gallery.T
            own = np.take_along_axis(cosines, right[rows, None], axis=1)
            # Not "nearer or equal": a comparison with what is no number is false.
            further, nearer = cosines < own - TIE_TOLERANCE, cosines > own + TIE_TOLERANCE
        places = (~further).sum(1)
        told_apart = (further | nearer).any(1) | ((len(gallery) == 1) & np.isfinite(own[:, 0]))
        found[rows] = np.where(told_apart, places, np.maximum(places, MRR_AT + 1))
    return found


def compute_scores(found: Ranks) -> Scores:
    """Return what ranks come to.

    Raises:
        ValueError: there are none.
    """
    return _scores(_count_ranks(found) @ _score_table() / len(found), len(found))


def bootstrap_scores(
    found: Ranks, *, rounds: int = BOOTSTRAP_ROUNDS, seed: int = 0
) -> ScoresWithIntervals:
    """Return the scores with their intervals: percentiles over queries drawn with replacement.

    Args:
        found: ranks.
        rounds: drawings.
        seed: of the drawings; the same one gives the same intervals.

    Raises:
        ValueError: there are no ranks.
    """
    # All that counts is how many ranks are 1, 2, …: those of a drawing are multinomial.
    count, tally = len(found), _count_ranks(found)
    drawn = np.random.default_rng(seed).multinomial(count, tally / count, size=rounds)
    low, high = np.percentile(drawn @ _score_table() / count, _PERCENTILES, axis=0)
    return ScoresWithIntervals(compute_scores(found), _scores(low, count), _scores(high, count))


def bootstrap_mrr_difference(
    new: Ranks, old: Ranks, *, rounds: int = BOOTSTRAP_ROUNDS, seed: int = 0
) -> MrrDifference:
    """Return by how much `new` is above `old`, with an interval.

    Args:
        new: ranks.
        old: ranks of the same queries.
        rounds: as for `bootstrap`.
        seed: as for `bootstrap`.

    Raises:
        ValueError: there are none, or not as many.
    """
    if len(new) != len(old) or not len(new):
        raise ValueError(f"{len(new)} and {len(old)} ranks are not of the same queries")
    gains, tally = np.unique(_reciprocal(new) - _reciprocal(old), return_counts=True)
    count = len(new)
    drawn = np.random.default_rng(seed).multinomial(count, tally / count, size=rounds)
    low, high = np.percentile(drawn @ gains / count, _PERCENTILES)
    return MrrDifference(float(tally @ gains / count), float(low), float(high))


def evaluate_retrieval(
    originals: Vectors, views: Vectors, *, rounds: int = BOOTSTRAP_ROUNDS, seed: int = 0
) -> RetrievalMetrics:
    """Return how well vectors find their twins, in both directions.

    Args:
        originals: `(n, d)` of unit length.
        views: `(n, d)`, row i of the picture of row i.
        rounds: as for `bootstrap`.
        seed: as for `bootstrap`.

    Raises:
        ValueError: the shapes do not fit, or there are no vectors.
    """
    return RetrievalMetrics(
        bootstrap_scores(compute_ranks(views, originals), rounds=rounds, seed=seed),
        bootstrap_scores(compute_ranks(originals, views), rounds=rounds, seed=seed),
    )


def _reciprocal(found: Ranks) -> NDArray[np.float64]:
    return np.where(found <= MRR_AT, 1.0 / np.maximum(found, 1), 0.0)


def _score_table() -> NDArray[np.float64]:
    """Return what one query adds to each score, by its rank: `(21, 5)`, the last row for none."""
    places = np.arange(1, MRR_AT + 2)
    return np.stack([*(places <= cut for cut in TOP_KS), _reciprocal(places)], axis=1).astype(float)


def _count_ranks(found: Ranks) -> NDArray[np.int64]:
    """Return how many ranks are 1, 2, … 20, and more than that."""
    if not len(found):
        raise ValueError("nothing was asked for, so nothing can be said")
    return np.bincount(np.minimum(found, MRR_AT + 1), minlength=MRR_AT + 2)[1:]


def _scores(values: NDArray[np.float64], count: int) -> Scores:
    acc1, acc5, acc10, acc20, mrr = (float(value) for value in values)
    return Scores(acc1, acc5, acc10, acc20, mrr, count)

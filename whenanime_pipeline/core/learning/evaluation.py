"""Retrieval metrics with intervals: top-k accuracy and mean reciprocal rank, in both directions.

Row i of the queries and row i of the gallery show one picture, one of them augmented. The seed's
README takes views as queries and originals as the gallery, its code the reverse; both are computed.

The frames of an episode are not independent: the intervals cover chance among frames like these,
not the difference to another library.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.vectors import Vectors

Ranks = NDArray[np.int64]
"""`(n,)`: rank of each query's positive in the gallery, 1 for the first."""

TOP_KS = (1, 5, 10, 20)
MRR_AT = 20
"""Reciprocal ranks count up to this place, as the seed's do."""
BOOTSTRAP_ROUNDS = 1000
TIE_TOLERANCE = 1e-6
"""Cosines closer than this are equal: the last bits differ between matrix products."""
_PERCENTILES = (2.5, 97.5)
_CHUNK = 1 << 24  # cosines in memory at once


@dataclass(frozen=True, slots=True)
class Scores:
    """Retrieval scores of one set of queries.

    Attributes:
        acc1, acc5, acc10, acc20: share of the queries whose positive is among the first k.
        mrr: mean of 1 / rank, with 0 for ranks beyond 20.
        count: number of queries.
    """

    acc1: float
    acc5: float
    acc10: float
    acc20: float
    mrr: float
    count: int


@dataclass(frozen=True, slots=True)
class ScoresWithIntervals:
    """Scores with the limits of their 95 % intervals."""

    scores: Scores
    low: Scores
    high: Scores

    def to_json(self) -> dict[str, Any]:
        """Return the scores by name, with their `intervals`."""
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
    """Scores in both directions.

    Attributes:
        views_to_originals: scores of augmented views as queries, as people search.
        originals_to_views: scores of originals as queries, as the seed's code measures.
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
    """Difference of two mean reciprocal ranks on the same queries.

    Attributes:
        value: difference of the means.
        low, high: limits of the 95 % interval of the paired difference.
    """

    value: float
    low: float
    high: float

    @property
    def is_significant(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0


def compute_ranks(
    queries: Vectors, gallery: Vectors, positives: NDArray[np.int64] | None = None
) -> Ranks:
    """Return the rank of each query's positive in the gallery.

    Ties and NaN count as nearer than the positive. A query to which all of several vectors are
    equally near gets a rank beyond every cut-off, so that a network that gives one vector for
    everything, or NaN, scores 0.

    Args:
        queries: `(n, d)` of unit length.
        gallery: `(m, d)` of unit length.
        positives: `(n,)` rows of the gallery that are the positives; by default row i for query i.
            Further rows are negatives.

    Raises:
        ValueError: the shapes do not fit.
    """
    if queries.ndim != 2 or gallery.ndim != 2 or queries.shape[1] != gallery.shape[1]:
        raise ValueError(f"queries of {queries.shape} cannot search a gallery of {gallery.shape}")
    right = np.arange(len(queries)) if positives is None else positives
    if len(right) != len(queries) or (len(right) and right.max() >= len(gallery)):
        raise ValueError(f"{len(queries)} queries lack positives among {len(gallery)} vectors")
    found = np.empty(len(queries), np.int64)
    step = max(1, _CHUNK // max(1, len(gallery)))
    for first in range(0, len(queries), step):
        rows = slice(first, first + step)
        with np.errstate(invalid="ignore", over="ignore"):
            cosines = queries[rows] @ gallery.T
            own = np.take_along_axis(cosines, right[rows, None], axis=1)
            # Not "nearer or equal": a comparison with NaN is false.
            further, nearer = cosines < own - TIE_TOLERANCE, cosines > own + TIE_TOLERANCE
        places = (~further).sum(1)
        distinguishable = (further | nearer).any(1) | ((len(gallery) == 1) & np.isfinite(own[:, 0]))
        found[rows] = np.where(distinguishable, places, np.maximum(places, MRR_AT + 1))
    return found


def compute_scores(found: Ranks) -> Scores:
    """Return the scores of ranks.

    Raises:
        ValueError: there are none.
    """
    return _scores(_count_ranks(found) @ _score_table() / len(found), len(found))


def bootstrap_scores(
    found: Ranks, *, rounds: int = BOOTSTRAP_ROUNDS, seed: int = 0
) -> ScoresWithIntervals:
    """Return the scores with bootstrap intervals over the queries.

    Args:
        found: ranks.
        rounds: number of resamplings.
        seed: seed of the resamplings; the same one gives the same intervals.

    Raises:
        ValueError: there are no ranks.
    """
    # Only the counts of ranks 1, 2, … matter, and those of a resampling are multinomial.
    count, tally = len(found), _count_ranks(found)
    drawn = np.random.default_rng(seed).multinomial(count, tally / count, size=rounds)
    low, high = np.percentile(drawn @ _score_table() / count, _PERCENTILES, axis=0)
    return ScoresWithIntervals(compute_scores(found), _scores(low, count), _scores(high, count))


def bootstrap_mrr_difference(
    new: Ranks, old: Ranks, *, rounds: int = BOOTSTRAP_ROUNDS, seed: int = 0
) -> MrrDifference:
    """Return the MRR of `new` less that of `old`, with a paired bootstrap interval.

    Args:
        new: ranks.
        old: ranks of the same queries.
        rounds: as for `bootstrap_scores`.
        seed: as for `bootstrap_scores`.

    Raises:
        ValueError: there are no ranks, or their counts differ.
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
    """Return the retrieval metrics of embeddings, in both directions.

    Args:
        originals: `(n, d)` of unit length.
        views: `(n, d)`, row i the augmented view of original i.
        rounds: as for `bootstrap_scores`.
        seed: as for `bootstrap_scores`.

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
    """Return what a query adds to each score by its rank, `(21, 5)`; the last row: beyond 20."""
    places = np.arange(1, MRR_AT + 2)
    return np.stack([*(places <= cut for cut in TOP_KS), _reciprocal(places)], axis=1).astype(float)


def _count_ranks(found: Ranks) -> NDArray[np.int64]:
    """Return the counts of ranks 1, 2, … 20, and of those beyond."""
    if not len(found):
        raise ValueError("there are no queries to score")
    return np.bincount(np.minimum(found, MRR_AT + 1), minlength=MRR_AT + 2)[1:]


def _scores(values: NDArray[np.float64], count: int) -> Scores:
    acc1, acc5, acc10, acc20, mrr = (float(value) for value in values)
    return Scores(acc1, acc5, acc10, acc20, mrr, count)

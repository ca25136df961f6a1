"""Fits the shipped confidence: a logistic regression and a monotone map to similarities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.query.confidence import (
    CERTAIN_SIMILARITY,
    MATCH_SIMILARITY,
    PREDICTORS,
)

_RIDGE = 1.0
"""L2 regularisation of the logistic regression."""
_NEGATIVE_SIMILARITY = 0.6
"""Similarity of the median best answer to a negative, at the level clients know from trace.moe."""
_NEGATIVE_QUANTILE = 0.995
"""Quantile of the scores of negatives' best answers that the threshold of a match builds on."""
_MATCH_MARGIN = 0.9
"""Score between that quantile and the threshold: the extreme quantile is noisy, and libraries
differ. 0.5 let 0.9 % of the negatives of other films pass; 0.9 costs 0.3 % of right answers."""
_CERTAIN_MARGIN = 1.0
"""Score between the thresholds of a match and of a certain answer."""


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """One answer with its label.

    Attributes:
        query: number of the query.
        values: `(predictors,)`, predictors of the confidence.
        present: whether the query is in the library that was searched.
        right: whether the answer is right.
    """

    query: int
    values: NDArray[np.float64]
    present: bool
    right: bool


def fit_calibration(rows: Sequence[LabelledAnswer]) -> dict[str, Any]:
    """Fit the calibration, in the form that `Confidence.from_json` reads.

    Args:
        rows: right and wrong answers to queries in the library, and answers to negatives.

    Raises:
        ValueError: there are no right answers, or no answers to negatives.
    """
    values = np.stack([row.values for row in rows])
    right = np.array([row.right for row in rows])
    absent = np.array([not row.present for row in rows])
    if not right.any() or not absent.any():
        raise ValueError("too few answers to calibrate with")
    weights, bias = _fit_logistic(values, right)
    scores = values @ weights + bias
    query = np.array([row.query for row in rows])
    order = np.lexsort((-scores, query))
    best = order[np.diff(query[order], prepend=-1) != 0]  # of each query
    negatives, known = np.sort(scores[best[absent[best]]]), scores[best[right[best]]]
    match = float(np.quantile(negatives, _NEGATIVE_QUANTILE)) + _MATCH_MARGIN
    certain = match + _CERTAIN_MARGIN
    knots = {
        float(negatives[0]) - 1.0: 0.0,
        float(np.median(negatives)): _NEGATIVE_SIMILARITY,
        match: MATCH_SIMILARITY,
        certain: CERTAIN_SIMILARITY,
        max(float(np.quantile(known, 0.9)), certain + 1.0): 1.0,
    }
    return {
        "weights": dict(zip(PREDICTORS, weights.tolist(), strict=True)),
        "bias": bias,
        "scores": sorted(knots),
        "similarities": [knots[score] for score in sorted(knots)],
        "measured": {
            "absent queries": len(negatives),
            "right answers": len(known),
            "right answers that are matches": float((known >= match).mean()),
            "right answers that are certain": float((known >= certain).mean()),
        },
    }


def _fit_logistic(
    values: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """Fit a logistic regression with an L2 penalty by Newton's method; the problem is convex.

    Args:
        values: `(n, predictors)`.
        right: `(n,)`, labels.

    Returns:
        Weights `(predictors,)` of the unscaled predictors, and the bias.
    """
    mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
    system = np.column_stack([(values - mean) / deviation, np.ones(len(values))])
    solved = np.zeros(system.shape[1])
    for _ in range(100):
        probability = 1 / (1 + np.exp(-np.clip(system @ solved, -30, 30)))
        gradient = system.T @ (probability - right) + _RIDGE * solved
        hessian = (system.T * (probability * (1 - probability))) @ system + _RIDGE * np.eye(
            len(solved)
        )
        step = np.linalg.solve(hessian, gradient)
        solved -= step
        if np.abs(step).max() < 1e-8:
            break
    weights = solved[:-1] / deviation
    return weights, float(solved[-1] - weights @ mean)

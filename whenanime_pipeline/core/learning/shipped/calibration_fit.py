"""Fits the confidence that ships to answers of which it is known whether they are right."""

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
_TYPICAL = 0.6
"""Similarity of the typical best answer to what is not there: what trace.moe's clients see."""
_RARE = 0.995
_MARGIN = 0.9
"""Score by which a match lies above this share of the best answers to what was not there: the very
best of them are chance, and other libraries differ. Half of one let nine in a thousand strangers of
other films pass; this takes three of a thousand right answers more from the matches."""
_BEYOND = 1.0
"""Score by which a certain answer lies above that again."""


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """One answer.

    Attributes:
        query: the number of its question.
        values: what was measured.
        present: whether what was asked for was there to be found.
        right: whether the answer is.
    """

    query: int
    values: NDArray[np.float64]
    present: bool
    right: bool


def fit_calibration(rows: Sequence[LabelledAnswer]) -> dict[str, Any]:
    """Return the calibration that fits answers, as `Confidence.from_json` reads it.

    Args:
        rows: of right and wrong answers, to questions for what is there and what is not.

    Raises:
        ValueError: there are no right answers, or none to questions for what is not there.
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
    best = order[np.diff(query[order], prepend=-1) != 0]  # of each question
    strangers, known = np.sort(scores[best[absent[best]]]), scores[best[right[best]]]
    match = float(np.quantile(strangers, _RARE)) + _MARGIN
    certain = match + _BEYOND
    knots = {
        float(strangers[0]) - 1.0: 0.0,
        float(np.median(strangers)): _TYPICAL,
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
            "absent queries": len(strangers),
            "right answers": len(known),
            "right answers that are matches": float((known >= match).mean()),
            "right answers that are certain": float((known >= certain).mean()),
        },
    }


def _fit_logistic(
    values: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """Fit a logistic regression with a small ridge, by Newton's method; it is convex."""
    mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
    system = np.column_stack([(values - mean) / deviation, np.ones(len(values))])
    solved = np.zeros(system.shape[1])
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(system @ solved, -30, 30)))
        slope = system.T @ (chance - right) + _RIDGE * solved
        curve = (system.T * (chance * (1 - chance))) @ system + _RIDGE * np.eye(len(solved))
        step = np.linalg.solve(curve, slope)
        solved -= step
        if np.abs(step).max() < 1e-8:
            break
    weights = solved[:-1] / deviation
    return weights, float(solved[-1] - weights @ mean)

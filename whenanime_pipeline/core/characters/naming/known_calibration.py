"""The probability that a face has one of the names of the gallery, rather than none of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

PREDICTORS = ("best", "margin", "size", "count")
"""Score of the best name; its distance from the second; logarithm of the face's side in pixels;
logarithm of 1 + the best name's labelled faces."""
MONOTONE = 2
"""Number of the first predictors whose weights may not be negative."""
_RIDGE = 1e-3
_STEPS = 3000


@dataclass(frozen=True)
class KnownCalibration:
    """A logistic regression that never falls when the best score or its margin rises.

    Size and number of labels may weigh either way: many labels raise the best score of a face that
    has none of the names as well.

    Attributes:
        weights: `(4,)`, of `PREDICTORS`; those of `MONOTONE` are not negative.
        bias: of the logit.
        temperature: of the softmax over the names' scores.
        head_share: share of the logistic head in the scores of names with many labels.
    """

    weights: tuple[float, float, float, float]
    bias: float
    temperature: float
    head_share: float

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: a weight is negative, or another number out of its range.
        """
        if min(self.weights[:MONOTONE]) < 0:
            raise ValueError(f"weights {self.weights}: the first {MONOTONE} may not be negative")
        if not (self.temperature > 0 and 0 <= self.head_share <= 1 and np.isfinite(self.bias)):
            raise ValueError("temperature, head share or bias of the known is out of range")

    def estimate(self, predictors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return probabilities `(n,)` from `(n, 4)` predictors."""
        logits = predictors @ np.array(self.weights) + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))))

    def to_json(self) -> dict[str, Any]:
        """Return the calibration as plain values."""
        return {
            "weights": dict(zip(PREDICTORS, self.weights, strict=True)),
            "bias": self.bias,
            "temperature": self.temperature,
            "head_share": self.head_share,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the calibration that `to_json` gave.

        Raises:
            ValueError: it lacks a value, or one is out of its range.
        """
        try:
            best, margin, size, count = (float(values["weights"][name]) for name in PREDICTORS)
            rest = (float(values[name]) for name in ("bias", "temperature", "head_share"))
            return cls((best, margin, size, count), *rest)
        except (KeyError, TypeError) as error:
            raise ValueError(f"no calibration of names: {error}") from error


def gather_predictors(
    scores: NDArray[np.float64], sides: NDArray[np.float64], counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the predictors of each face, `(n, 4)`.

    Args:
        scores: `(n, names)` scores of `score_names`, at least one name.
        sides: `(n,)` sides of the faces in pixels of a stored frame.
        counts: `(names,)` labelled faces of each name.
    """
    best = scores.argmax(axis=1)
    top = scores[np.arange(len(scores)), best]
    if scores.shape[1] > 1:
        second = np.partition(scores, -2, axis=1)[:, -2]
    else:
        second = np.zeros(len(scores))
    margins = np.maximum(top - second, 0)
    return np.column_stack([top, margins, np.log(np.maximum(sides, 1)), np.log1p(counts[best])])


def fit_known(
    predictors: NDArray[np.float64], known: NDArray[np.bool_]
) -> tuple[tuple[float, float, float, float], float]:
    """Fit the weights, as of `KnownCalibration`, and the bias, by projected gradient descent.

    Args:
        predictors: `(n, 4)`, of `gather_predictors`.
        known: `(n,)`, whether the face's name is in the gallery.

    Raises:
        ValueError: all faces are known, or none is.
    """
    if known.all() or not known.any():
        raise ValueError("faces with and without a name in the gallery are needed to calibrate")
    mean, deviation = predictors.mean(axis=0), predictors.std(axis=0)
    varies = deviation > 1e-9
    scaled = np.where(varies, (predictors - mean) / np.where(varies, deviation, 1), 0)
    system = np.column_stack([scaled, np.ones(len(scaled))])
    shares = np.where(known, 0.5 / known.sum(), 0.5 / (~known).sum())  # both sides count equally
    rate = 1 / (0.25 * np.linalg.norm((system.T * shares) @ system, 2) + _RIDGE)
    solved = np.zeros(system.shape[1])
    for _ in range(_STEPS):
        errors = 1 / (1 + np.exp(-np.clip(system @ solved, -30, 30))) - known
        gradient = system.T @ (errors * shares)
        gradient[:-1] += _RIDGE * solved[:-1]
        solved = solved - rate * gradient
        solved[:MONOTONE] = np.maximum(solved[:MONOTONE], 0)
    weights = np.where(varies, solved[:-1] / np.where(varies, deviation, 1), 0)
    best, margin, size, count = (float(weight) for weight in weights)
    return (best, margin, size, count), float(solved[-1] - weights @ mean)

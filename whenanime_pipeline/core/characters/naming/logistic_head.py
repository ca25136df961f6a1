"""A multinomial logistic regression on the vectors of names that have many labelled faces."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.naming.gallery import Gallery
from whenanime_pipeline.core.search.embedding.vectors import Vectors

MANY = 8
"""Labelled faces from which on a name has a part in the head."""
RIDGE = 1e-3
"""L2 penalty of the weights, against the mean loss of a labelled face."""
_SCALE = 10.0  # of the vectors, which have unit length: logits of some size need small weights then
_STEPS = 300
_PRECISION = 1e-4  # largest change of a weight that ends the descent


@dataclass(frozen=True)
class LogisticHead:
    """A fitted head.

    Attributes:
        names: `(k,)` indices of its names in the gallery.
        weights: `(d + 1, k)`, the last row is the bias.
    """

    names: NDArray[np.int64]
    weights: NDArray[np.float64]

    def log_probabilities(self, queries: Vectors) -> NDArray[np.float64]:
        """Return the log probabilities `(q, k)` of its names, given that it is one of them."""
        return log_softmax(_extend(queries) @ self.weights)


def fit_head(gallery: Gallery, *, many: int = MANY, ridge: float = RIDGE) -> LogisticHead | None:
    """Fit a head on the names with many labelled faces.

    Names count equally, however many faces each has. The problem is convex; it is solved by
    accelerated gradient descent (Nesterov 1983) with the step that its curvature allows.

    Args:
        gallery: labelled faces.
        many: least number of labelled faces of a name.
        ridge: L2 penalty of the weights.

    Returns:
        None if fewer than two names have as many.
    """
    names = np.flatnonzero(gallery.counts >= many)
    if len(names) < 2:
        return None
    rows = np.flatnonzero(np.isin(gallery.labels, names))
    system = _extend(gallery.vectors[rows])
    targets = (gallery.labels[rows][:, None] == names[None, :]).astype(np.float64)
    shares = 1 / (gallery.counts[gallery.labels[rows]] * len(names))
    # The Hessian of the softmax is at most 1/2.
    curvature = 0.5 * np.linalg.norm((system.T * shares) @ system, 2) + ridge
    weights = np.zeros((system.shape[1], len(names)))
    ahead, momentum = weights, 1.0
    for _ in range(_STEPS):
        errors = np.exp(log_softmax(system @ ahead)) - targets
        moved = ahead - (system.T @ (errors * shares[:, None]) + ridge * ahead) / curvature
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = moved + (momentum - 1) / grown * (moved - weights)
        change, weights, momentum = np.abs(moved - weights).max(), moved, grown
        if change < _PRECISION:
            break
    return LogisticHead(names, weights)


def log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithms of each row's softmax."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _extend(vectors: Vectors) -> NDArray[np.float64]:
    """Return scaled vectors with a constant for the bias."""
    return np.column_stack([vectors.astype(np.float64) * _SCALE, np.ones(len(vectors))])

"""Decodes a linear-chain conditional random field: the best sequence, and the marginals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Chain:
    """Scores of a linear chain of `C` classes besides its emissions.

    Attributes:
        transitions: `(C, C)`, score of class `j` directly after class `i` at `[i, j]`.
        first: `(C,)`, score of beginning with a class.
        last: `(C,)`, score of ending with a class.
    """

    transitions: Scores
    first: Scores
    last: Scores


def decode(emissions: Scores, chain: Chain) -> NDArray[np.int64]:
    """Return the sequence of classes with the highest score (Viterbi 1967).

    Args:
        emissions: `(T, C)`, score of each class at each step.
        chain: the other scores.

    Returns:
        `(T,)` classes; empty for no steps.
    """
    steps = len(emissions)
    if not steps:
        return np.empty(0, np.int64)
    best = chain.first + emissions[0]
    came_from = np.zeros(emissions.shape, np.int64)
    for step in range(1, steps):
        scores = best[:, None] + chain.transitions
        came_from[step] = scores.argmax(0)
        best = scores.max(0) + emissions[step]
    path = np.empty(steps, np.int64)
    path[-1] = int((best + chain.last).argmax())
    for step in range(steps - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path


def compute_marginals(emissions: Scores, chain: Chain) -> NDArray[np.float64]:
    """Return the probability of each class at each step, by the forward-backward algorithm.

    Args:
        emissions: `(T, C)`, score of each class at each step.
        chain: the other scores.

    Returns:
        `(T, C)`, rows that sum to 1.
    """
    values = emissions.astype(np.float64)
    if not len(values):
        return values
    transitions = chain.transitions.astype(np.float64)
    forward, backward = np.empty_like(values), np.empty_like(values)
    forward[0] = chain.first + values[0]
    for step in range(1, len(values)):
        forward[step] = _log_sum(forward[step - 1][:, None] + transitions, 0) + values[step]
    backward[-1] = chain.last
    for step in range(len(values) - 2, -1, -1):
        ahead = values[step + 1] + backward[step + 1]
        backward[step] = _log_sum(transitions + ahead[None, :], 1)
    together = forward + backward
    scaled = np.exp(together - together.max(1, keepdims=True))
    probabilities: NDArray[np.float64] = scaled / scaled.sum(1, keepdims=True)
    return probabilities


def _log_sum(scores: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Return the logarithm of the sum of exponentials along an axis."""
    highest = scores.max(axis, keepdims=True)
    total: NDArray[np.float64] = np.log(np.exp(scores - highest).sum(axis)) + highest.squeeze(axis)
    return total

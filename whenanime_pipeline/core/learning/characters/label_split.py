"""Splits named faces into labelled ones and queries, with no drawing on both sides."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def split_labels(
    names: NDArray[np.int64], drawings: NDArray[np.int64], labels: int, rng: np.random.Generator
) -> tuple[Rows, Rows]:
    """Choose labelled faces for each name, each of a drawing of its own.

    Args:
        names: `(n,)` number of each face's name.
        drawings: `(n,)` number of each face's drawing, or of its episode and shot.
        labels: labelled faces of each name.
        rng: chooses them.

    Returns:
        Rows of labels and rows of queries. Other faces of labelled drawings are in neither.

    Raises:
        ValueError: a name has too few drawings to leave a query.
    """
    chosen: list[int] = []
    used = np.zeros(len(names), np.bool_)
    for name in np.unique(names):
        rows = np.flatnonzero(names == name)
        own, first = np.unique(drawings[rows], return_index=True)
        if len(own) <= labels:
            raise ValueError(f"name {name} has {len(own)} drawings, too few for {labels} labels")
        picked = rng.permutation(len(own))[:labels]
        chosen += rows[first[picked]].tolist()
        used[rows[np.isin(drawings[rows], own[picked])]] = True
    return np.array(sorted(chosen), np.int64), np.flatnonzero(~used)


def split_parts(
    drawings: NDArray[np.int64], rng: np.random.Generator, shares: tuple[float, ...] = (0.8, 0.1)
) -> NDArray[np.int64]:
    """Return the part `(n,)` of each face: 0, 1, …, and the rest last; drawings stay together."""
    own, place = np.unique(drawings, return_inverse=True)
    bounds = np.cumsum(shares) * len(own)
    order = rng.permutation(len(own))
    return np.searchsorted(bounds, order[place], side="right").astype(np.int64)

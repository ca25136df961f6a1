"""Assigns names to the faces of one picture, so that no two faces have the same name."""

import numpy as np
from numpy.typing import NDArray

_IMPOSSIBLE = 1e9  # cost of a pair that must not be; finite, so that sums stay numbers


def assign_names(gains: NDArray[np.float64], unknown: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the assignment with the largest sum of gains.

    Args:
        gains: `(faces, names)`, such as log probabilities; -inf for a name that a face must not
            have.
        unknown: `(faces,)` finite gains of leaving a face without a name, which any number of
            faces may be.

    Returns:
        `(faces,)` index of each face's name, -1 for none.
    """
    faces, names = gains.shape
    own = np.full((faces, faces), _IMPOSSIBLE)  # each face has a column of its own for unknown
    np.fill_diagonal(own, -unknown)
    named = np.where(np.isfinite(gains), -gains, _IMPOSSIBLE)
    columns = _solve(np.column_stack([named, own]))
    return np.where(columns < names, columns, -1)


def _solve(costs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the column of each row in the cheapest assignment, `(rows,)`; rows ≤ columns.

    By shortest augmenting paths (Jonker and Volgenant 1987) in O(rows² · columns).
    """
    rows, columns = costs.shape
    row_of = np.full(columns, -1)
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    for first in range(rows):
        distance, previous = np.full(columns, np.inf), np.full(columns, first)
        done = np.zeros(columns, np.bool_)
        row, reached, end = first, 0.0, -1
        visited = [(first, 0.0)]
        while end < 0:
            through = reached + costs[row] - row_price[row] - column_price
            shorter = ~done & (through < distance)
            distance[shorter], previous[shorter] = through[shorter], row
            column = int(np.argmin(np.where(done, np.inf, distance)))
            reached, done[column] = float(distance[column]), True
            if row_of[column] < 0:
                end = column
            else:
                row = int(row_of[column])
                visited.append((row, reached))
        for seen, at in visited:
            row_price[seen] += reached - at
        column_price[done] -= reached - distance[done]
        _augment(row_of, previous, first, end)
    result = np.empty(rows, np.int64)
    taken = np.flatnonzero(row_of >= 0)
    result[row_of[taken]] = taken
    return result


def _augment(row_of: NDArray[np.int64], previous: NDArray[np.int64], first: int, end: int) -> None:
    """Give each row on the path from `first` to the free column `end` the path's next column."""
    column = end
    while True:
        row = int(previous[column])
        held = np.flatnonzero(row_of == row)
        row_of[column] = row
        if row == first:
            return
        column = int(held[held != column][0])

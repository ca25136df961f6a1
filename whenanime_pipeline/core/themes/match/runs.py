"""Finds where two episodes are alike at one offset."""

from math import floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.match.features import HOP, Rows

_SMOOTH = 9
"""Rows over which likeness is averaged: 1.1 s."""
_BRIDGED = round(1.2 / HOP)
"""Rows of a hole that does not end a run."""
_STEPS = (-0.5, -0.25, 0.0, 0.25, 0.5)
"""Shares of a row by which an offset is varied, to find the best one."""


class Run(NamedTuple):
    """A stretch of rows `start` to `end`, exclusive, with the mean likeness of its evidence."""

    start: int
    end: int
    likeness: float


def compare_at(
    first: Rows, second: Rows, offset: float, window: tuple[int, int] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Compare the rows of two episodes at an offset.

    Args:
        first: features of an episode, `n` rows.
        second: features of its partner.
        offset: rows to add to a row of the first to find the row of the second; a fraction is
            interpolated.
        window: rows of the first that are compared, from and to; all when None.

    Returns:
        For each row of the window its likeness, from -1 to 1 and 0 without evidence; and whether
        both have evidence.
    """
    begin, stop = window or (0, len(first))
    likeness, is_evidence = np.zeros(stop - begin, np.float32), np.zeros(stop - begin, np.bool_)
    whole = floor(offset)
    share = offset - whole
    low, high = max(begin, -whole), min(stop, len(second) - whole - int(share > 0))
    if low >= high:
        return likeness, is_evidence
    one, rows = first.values[low:high], second.values[low + whole : high + whole]
    known = second.is_known[low + whole : high + whole]
    alike = np.einsum("ij,ij->i", one, rows)
    if share > 0:
        after = second.values[low + whole + 1 : high + whole + 1]
        known = known & second.is_known[low + whole + 1 : high + whole + 1]
        # The likeness to the mixed row, whose length follows from that of the two.
        lengths = (1 - share) ** 2 + share**2
        lengths = lengths + 2 * share * (1 - share) * np.einsum("ij,ij->i", rows, after)
        mixed = (1 - share) * alike + share * np.einsum("ij,ij->i", one, after)
        alike = mixed / np.sqrt(np.maximum(lengths, 0.25))
    likeness[low - begin : high - begin] = alike
    is_evidence[low - begin : high - begin] = first.is_known[low:high] & known
    return likeness, is_evidence


def smooth(likeness: NDArray[np.float32], is_evidence: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the mean likeness of the evidence around each row; 0 where there is little of it."""
    kernel = np.ones(_SMOOTH, np.float32)
    known = np.convolve(is_evidence.astype(np.float32), kernel, "same")
    sums = np.convolve(likeness * is_evidence, kernel, "same")
    mean: NDArray[np.float32] = np.where(known >= _SMOOTH / 3, sums / np.maximum(known, 1), 0)
    return mean


def refine_offset(first: Rows, second: Rows, offset: float, window: tuple[int, int]) -> float:
    """Return the offset next to one at which a window agrees best, in fractions of a row."""
    left_out = (window[1] - window[0]) // 4
    sums = [
        np.sort(compare_at(first, second, offset + step, window)[0])[left_out:].sum()
        for step in _STEPS
    ]
    return offset + _STEPS[int(np.argmax(sums))]


def find_runs(
    likeness: NDArray[np.float32],
    is_evidence: NDArray[np.bool_],
    *,
    threshold: float,
    shortest: int,
) -> list[Run]:
    """Return the stretches that are alike, with holes of up to 1.2 s bridged.

    Args:
        likeness: `(n,)` of the rows, from `compare_at`.
        is_evidence: `(n,)`.
        threshold: likeness, averaged over 1.1 s, from which rows are alike.
        shortest: rows of the shortest run.
    """
    alike = smooth(likeness, is_evidence) > threshold
    edges = np.flatnonzero(np.diff(np.concatenate([[0], alike.view(np.int8), [0]])))
    runs: list[Run] = []
    bounds: list[list[int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if bounds and start - bounds[-1][1] <= _BRIDGED:
            bounds[-1][1] = end
        else:
            bounds.append([start, end])
    for start, end in bounds:
        known = is_evidence[start:end]
        if end - start >= shortest and known.any():
            runs.append(Run(start, end, float(likeness[start:end][known].mean())))
    return runs

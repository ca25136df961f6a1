"""Finds pictures that equal an earlier one."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.pictures import SAME_PICTURE

_COARSE, _FINE = (2, 2), (4, 8)  # rows and columns of blocks that a thumbnail is divided into
_ROUNDING = 1e-3  # gray levels by which averages in single precision may be off


def find_first_occurrences(
    thumbnails: NDArray[np.uint8], *, threshold: float = SAME_PICTURE
) -> NDArray[np.bool_]:
    """Return the first occurrence of each picture, so that no two of them are equal.

    Exact: two pictures differ at least as much as their averages, whole or in blocks, so that
    averages exclude nearly all pairs before any is compared in full.

    Args:
        thumbnails: `(n, 36, 64)` gray thumbnails.
        threshold: mean difference in gray levels below which two are equal.

    Returns:
        `(n,)` bool.
    """
    cells = thumbnails.reshape(len(thumbnails), thumbnails.shape[1] * thumbnails.shape[2])
    coarse, fine = _averages(thumbnails, _COARSE), _averages(thumbnails, _FINE)
    means = coarse.mean(axis=1)
    order = np.argsort(means, kind="stable")
    means, coarse, fine = means[order], coarse[order], fine[order]
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    radius = np.float32(threshold + _ROUNDING)
    low = np.searchsorted(means, means - radius)
    high = np.searchsorted(means, means + radius, side="right")
    kept = np.ones(len(thumbnails), np.bool_)
    for number in range(len(thumbnails)):
        if not kept[number]:
            continue
        here = place[number]
        near = slice(low[here], high[here])
        places = np.flatnonzero(_differences(coarse[near], coarse[here]) < radius) + near.start
        places = places[_differences(fine[places], fine[here]) < radius]
        later = order[places]
        later = later[(later > number) & kept[later]]
        whole = cells[later].astype(np.float32)
        kept[later] = _differences(whole, cells[number].astype(np.float32)) >= threshold
    return kept


def _averages(thumbnails: NDArray[np.uint8], blocks: tuple[int, int]) -> NDArray[np.float32]:
    """Return `(n, down · across)` mean gray levels of blocks."""
    down, across = blocks
    _, height, width = thumbnails.shape
    cells = thumbnails.reshape(-1, down, height // down, across, width // across)
    averages: NDArray[np.float32] = cells.mean(axis=(2, 4), dtype=np.float32)
    return averages.reshape(-1, down * across)


def _differences(rows: NDArray[np.float32], one: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean difference of each row to one, in gray levels."""
    means: NDArray[np.float32] = np.abs(rows - one).mean(axis=1)
    return means

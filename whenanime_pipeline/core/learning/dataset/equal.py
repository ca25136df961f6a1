"""Which pictures of many are equal to one before them."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.pictures import SAME_PICTURE

_BLOCK = 9  # rows and columns of a thumbnail that are averaged
_ROUNDING = 1e-3  # gray levels by which averages in single precision may be off


def first_of_equals(
    thumbnails: NDArray[np.uint8], *, threshold: float = SAME_PICTURE
) -> NDArray[np.bool_]:
    """Return which pictures to keep, so that no two of them are equal.

    The earlier of two equal pictures stays. Exact: pictures can be no closer than their averages,
    whole or in blocks, so those rule out nearly all pairs before any is compared in full.

    Args:
        thumbnails: `(n, 36, 64)` gray.
        threshold: mean difference in gray levels below which two are equal.

    Returns:
        `(n,)` bool.
    """
    blocks = _averages(thumbnails)
    means = blocks.mean(axis=1)
    order = np.argsort(means, kind="stable")
    means, blocks = means[order], blocks[order]
    kept = np.ones(len(thumbnails), np.bool_)
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    reach = np.float32(threshold + _ROUNDING)
    low = np.searchsorted(means, means - reach)
    high = np.searchsorted(means, means + reach, side="right")
    for number in range(len(thumbnails)):
        if not kept[number]:
            continue
        here = place[number]
        near = slice(low[here], high[here])
        close = np.abs(blocks[near] - blocks[here]).mean(axis=1) < reach
        later = order[near][close]
        later = later[(later > number) & kept[later]]
        kept[later] = _differences(thumbnails[later], thumbnails[number]) >= threshold
    return kept


def _averages(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return `(n, 4·8)` gray levels of the blocks that a thumbnail is divided into."""
    rows, columns = thumbnails.shape[1] // _BLOCK, thumbnails.shape[2] // (_BLOCK - 1)
    cells = thumbnails.reshape(-1, rows, _BLOCK, columns, _BLOCK - 1)
    averages: NDArray[np.float32] = cells.mean(axis=(2, 4), dtype=np.float32)
    return averages.reshape(-1, rows * columns)


def _differences(rows: NDArray[np.uint8], one: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the mean difference of each row to one picture, in gray levels."""
    differences = np.maximum(rows, one) - np.minimum(rows, one)
    means: NDArray[np.float64] = differences.mean(axis=(1, 2))
    return means

"""Compares boxes, and drops those that overlap better ones."""

import numpy as np
from numpy.typing import NDArray


def compute_iou(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the intersection over union of all pairs of boxes.

    Args:
        first: `(n, 4)`: left, top, right, bottom.
        second: `(m, 4)`.

    Returns:
        `(n, m)`, 0 to 1.
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1][None] - common
    iou: NDArray[np.float32] = common / np.maximum(union, 1e-6)
    return iou


def suppress_overlaps(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], max_iou: float
) -> NDArray[np.bool_]:
    """Return which boxes stay, `(n,)`: none overlaps a better one by more than `max_iou`.

    Args:
        boxes: `(n, 4)`.
        scores: `(n,)`.
        max_iou: intersection over union, 0 to 1.
    """
    iou = compute_iou(boxes, boxes)
    keep = np.zeros(len(boxes), bool)
    for place in np.argsort(-scores, kind="stable"):
        keep[place] = not (iou[place][keep] > max_iou).any()
    return keep

"""How alike two pictures are that lie on each other, whatever was done to the tones of one.

Every question compares hundreds of pictures of a few thousand pixels: what counts is how many
passes over them there are, so all sums of a round are one product of a matrix and the weights.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

TYPICAL = 8.0
"""Gray levels by which two pictures of one moment typically differ after fitting the tones."""
_ROUNDS = 3
_GAIN = (0.2, 4.0)
"""Contrasts between which a tone fit may choose."""
_FLAT, _FLATTER = 1e-3 / TYPICAL**2, 1e-6 / TYPICAL**4
"""Variance, and product of variances, below which nothing is divided by them."""


def compared(
    asked: NDArray[np.float32], stored: NDArray[np.uint8], inside: NDArray[np.uint8] | None
) -> tuple[float, float, float]:
    """Fit tones and compare: iteratively reweighted least squares with Cauchy's weights.

    Args:
        asked: `(height, width)`.
        stored: `(height, width)`.
        inside: `(height, width)`, 1 where they are to be compared and 0 elsewhere; None:
            everywhere.

    Returns:
        The mean of log(1 + (difference / typical)²), the correlation of what agrees, and the gray
        levels of deviation of the flatter side.
    """
    # A row each: 1, both pictures in units of what is typical, and their products.
    rows = np.empty((6, asked.size), np.float32)
    mask, own, other, own_squared, both_sided, other_squared = rows
    mask[:] = 1 if inside is None else inside.ravel()
    count = asked.size if inside is None else cv2.countNonZero(inside)
    for row, picture in ((own, asked), (other, stored)):
        np.multiply(picture, np.float32(1 / TYPICAL), out=row.reshape(asked.shape))
        # Around the mean, as single precision loses small variances beside a large one.
        row -= cv2.mean(row)[0]
        if inside is not None:
            row *= mask
    np.multiply(own, own, out=own_squared)
    np.multiply(own, other, out=both_sided)
    np.multiply(other, other, out=other_squared)
    asks, shows, off = own[None], other[None], np.empty((1, asked.size), np.float32)
    weights = mask
    for _ in range(_ROUNDS):
        total, sum_asked, sum_stored, of_asked, both, of_stored = np.dot(rows, weights).tolist()
        mean_asked, mean_stored = sum_asked / total, sum_stored / total
        of_asked = of_asked / total - mean_asked * mean_asked
        of_stored = of_stored / total - mean_stored * mean_stored
        both = both / total - mean_asked * mean_stored
        gain = min(max(both / max(of_stored, _FLAT), _GAIN[0]), _GAIN[1])
        cv2.addWeighted(asks, 1, shows, -gain, gain * mean_stored - mean_asked, dst=off)
        off *= off
        off += 1
        weights = np.reciprocal(off[0])
    correlation = both / max(of_asked * of_stored, _FLATTER) ** 0.5
    contrast = TYPICAL * max(0.0, min(of_asked, of_stored)) ** 0.5
    return float(cv2.log(off)[0] @ mask) / count, correlation, contrast

"""Photometric (gain/bias) fit and comparison of two aligned pictures."""

from dataclasses import dataclass
from math import log1p

import cv2
import numpy as np

from whenanime_pipeline.core.search.geometry.overlap import TYPICAL_DIFFERENCE, Overlap

_ROUNDS = 3
_GAIN_RANGE = (0.2, 4.0)
"""Range of the fitted gain."""
_FLAT, _FLATTER = 1e-3 / TYPICAL_DIFFERENCE**2, 1e-6 / TYPICAL_DIFFERENCE**4
"""Variance, and product of variances, below which no division takes place."""


@dataclass(frozen=True, slots=True)
class PhotometricFit:
    """Result of a comparison.

    Attributes:
        residual: mean of log(1 + (difference / typical)²) after fitting the tones.
        correlation: of what agrees, -1 to 1.
        contrast: gray levels of deviation of the flatter side.
        photometric_penalty: log(1 + (change / typical)²) of the fitted tone change.
    """

    residual: float
    correlation: float
    contrast: float
    photometric_penalty: float


def fit_gain_bias(overlap: Overlap) -> PhotometricFit:
    """Fit gain and bias by iteratively reweighted least squares with Cauchy weights; compare."""
    # All sums of a round are one product of a matrix and the weights.
    rows = overlap.planes.reshape(len(overlap.planes), -1)
    mask, own, other = rows[:3]
    asks, shows, off = own[None], other[None], np.empty((1, own.size), np.float32)
    weights = mask
    for _ in range(_ROUNDS):
        total, sum_asked, sum_stored, of_asked, both, of_stored = np.dot(rows, weights).tolist()
        mean_asked, mean_stored = sum_asked / total, sum_stored / total
        of_asked = of_asked / total - mean_asked * mean_asked
        of_stored = of_stored / total - mean_stored * mean_stored
        both = both / total - mean_asked * mean_stored
        gain = min(max(both / max(of_stored, _FLAT), _GAIN_RANGE[0]), _GAIN_RANGE[1])
        cv2.addWeighted(asks, 1, shows, -gain, gain * mean_stored - mean_asked, dst=off)
        off *= off
        off += 1
        weights = np.reciprocal(off[0])
    brighter = overlap.means[0] + mean_asked - overlap.means[1] - mean_stored
    return PhotometricFit(
        residual=float(cv2.log(off)[0] @ mask) / overlap.pixel_count,
        correlation=both / max(of_asked * of_stored, _FLATTER) ** 0.5,
        contrast=TYPICAL_DIFFERENCE * max(0.0, min(of_asked, of_stored)) ** 0.5,
        photometric_penalty=log1p((gain - 1) ** 2 * max(0.0, of_stored) + brighter**2),
    )

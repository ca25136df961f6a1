"""Photometric (gain/bias) fit and comparison of two aligned pictures."""

from dataclasses import dataclass
from math import log1p

import cv2
import numpy as np

from whenanime_pipeline.core.search.geometry.overlap import TYPICAL_DIFFERENCE, Overlap

_ROUNDS = 3
"""Rounds of reweighting."""
_GAIN_RANGE = (0.2, 4.0)
"""Range of the fitted gain."""
_FLAT, _FLATTER = 1e-3 / TYPICAL_DIFFERENCE**2, 1e-6 / TYPICAL_DIFFERENCE**4
"""Lower bounds of a variance, and of a product of two, as divisors."""


@dataclass(frozen=True, slots=True)
class PhotometricFit:
    """Result of a fit.

    Attributes:
        residual: mean of log(1 + (difference / typical)²) after the fit.
        correlation: weighted correlation of both pictures, -1 to 1.
        contrast: weighted standard deviation of the flatter picture, in gray levels.
        photometric_penalty: log(1 + (change / typical)²) of the fitted change of tones.
    """

    residual: float
    correlation: float
    contrast: float
    photometric_penalty: float


def fit_gain_bias(overlap: Overlap) -> PhotometricFit:
    """Fit gain and bias of the reference to the query, and compare both.

    Iteratively reweighted least squares with Cauchy weights, 1 / (1 + difference²), so that covered
    parts do not decide the fit.
    """
    # One product of a matrix and the weights gives all sums of a round.
    rows = overlap.planes.reshape(len(overlap.planes), -1)
    mask, own, other = rows[:3]
    query, reference, difference = own[None], other[None], np.empty((1, own.size), np.float32)
    weights = mask
    for _ in range(_ROUNDS):
        total, sum_query, sum_reference, query_variance, covariance, reference_variance = np.dot(
            rows, weights
        ).tolist()
        mean_query, mean_reference = sum_query / total, sum_reference / total
        query_variance = query_variance / total - mean_query * mean_query
        reference_variance = reference_variance / total - mean_reference * mean_reference
        covariance = covariance / total - mean_query * mean_reference
        gain = min(max(covariance / max(reference_variance, _FLAT), _GAIN_RANGE[0]), _GAIN_RANGE[1])
        cv2.addWeighted(
            query, 1, reference, -gain, gain * mean_reference - mean_query, dst=difference
        )
        difference *= difference
        difference += 1
        weights = np.reciprocal(difference[0])
    brighter = overlap.means[0] + mean_query - overlap.means[1] - mean_reference
    return PhotometricFit(
        residual=float(cv2.log(difference)[0] @ mask) / overlap.pixel_count,
        correlation=covariance / max(query_variance * reference_variance, _FLATTER) ** 0.5,
        contrast=TYPICAL_DIFFERENCE * max(0.0, min(query_variance, reference_variance)) ** 0.5,
        photometric_penalty=log1p((gain - 1) ** 2 * max(0.0, reference_variance) + brighter**2),
    )

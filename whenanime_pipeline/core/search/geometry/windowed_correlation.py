"""Normalised cross-correlation of two aligned pictures within small windows.

Glare, vignettes and gradients change tones differently across a picture, which one gain/bias fit
cannot follow; and flat areas such as black bars correlate with any dark picture. So windows are
normalised one by one, and weighted by their contrast.
"""

import cv2
import numpy as np

from whenanime_pipeline.core.search.geometry.overlap import TYPICAL_DIFFERENCE, Overlap

_WINDOWS = 8
"""Windows along the longer side."""
_NOISE_VARIANCE = (3.0 / TYPICAL_DIFFERENCE) ** 2
"""Variance of noise, of a standard deviation of 3 gray levels; regularises flat windows."""
_MAX_DEVIATION = 24.0 / TYPICAL_DIFFERENCE
"""Standard deviation, 24 gray levels, at which a window's weight is capped."""
_MIN_WINDOW_SHARE = 0.02
"""Lower bound of the valid share of a window, as a divisor."""


def compute_windowed_correlation(overlap: Overlap) -> float:
    """Return the mean correlation within windows, weighted by their contrast.

    Returns:
        -1 to 1; 0 where no window has contrast.
    """
    count, height, width = overlap.planes.shape
    side = max(height, width) / _WINDOWS
    columns, rows = max(1, round(width / side)), max(1, round(height / side))
    # The planes stacked vertically, so that one call averages the windows of all.
    stacked = overlap.planes.reshape(count * height, width)
    means = cv2.resize(stacked, (columns, count * rows), interpolation=cv2.INTER_AREA)
    share, *sums = means.reshape(count, rows, columns)
    query_mean, reference_mean, query_squared, product, reference_squared = sums / np.maximum(
        share, _MIN_WINDOW_SHARE
    )
    query_variance = np.maximum(query_squared - query_mean * query_mean, 0)
    reference_variance = np.maximum(reference_squared - reference_mean * reference_mean, 0)
    correlations = (product - query_mean * reference_mean) / np.sqrt(
        (query_variance + _NOISE_VARIANCE) * (reference_variance + _NOISE_VARIANCE)
    )
    weights = share * np.minimum(
        np.sqrt(np.maximum(query_variance, reference_variance)), _MAX_DEVIATION
    )
    total = float(weights.sum())
    return float((weights * correlations).sum()) / total if total else 0.0

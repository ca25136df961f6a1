"""Whether two pictures that lie on each other show the same lines, whatever light falls on them.

A lamp mirrored in a screen, a vignette or a fade changes tones differently in every corner, which
one fit for all of them cannot follow; and black bars agree with every night. So each small window
is compared for itself, and counts by what is to be seen in it.
"""

import cv2
import numpy as np

from whenanime_pipeline.core.search.geometry.overlap import TYPICAL_DIFFERENCE, Overlap

_WINDOWS = 8
"""Windows along the longer side."""
_NOISE_VARIANCE = (3.0 / TYPICAL_DIFFERENCE) ** 2
"""Variance within a window that is as much noise as drawing: of three gray levels."""
_MAX_DEVIATION = 24.0 / TYPICAL_DIFFERENCE
"""Deviation from which on more of it counts no more: 24 gray levels."""
_MIN_WINDOW_SHARE = 0.02
"""Share of a window below which its means are nobody's."""


def compute_windowed_correlation(overlap: Overlap) -> float:
    """Return the correlation within windows, averaged by how much there is to be seen.

    Returns:
        -1 to 1; 0 where nothing is to be seen.
    """
    count, height, width = overlap.planes.shape
    side = max(height, width) / _WINDOWS
    columns, rows = max(1, round(width / side)), max(1, round(height / side))
    # Below each other, so that one call takes the means of all.
    stacked = overlap.planes.reshape(count * height, width)
    means = cv2.resize(stacked, (columns, count * rows), interpolation=cv2.INTER_AREA)
    share, *sums = means.reshape(count, rows, columns)
    own, other, own_squared, both, other_squared = sums / np.maximum(share, _MIN_WINDOW_SHARE)
    own_variance = np.maximum(own_squared - own * own, 0)
    other_variance = np.maximum(other_squared - other * other, 0)
    alike = (both - own * other) / np.sqrt(
        (own_variance + _NOISE_VARIANCE) * (other_variance + _NOISE_VARIANCE)
    )
    weights = share * np.minimum(np.sqrt(np.maximum(own_variance, other_variance)), _MAX_DEVIATION)
    total = float(weights.sum())
    return float((weights * alike).sum()) / total if total else 0.0

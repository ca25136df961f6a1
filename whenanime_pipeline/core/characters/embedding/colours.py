"""Colours of hair, eyes and skin of a face crop, as one histogram.

Brightness is left out: it changes with the light of a scene more than the hue does.
"""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.embedding.crops import Picture
from whenanime_pipeline.core.search.embedding.vectors import Vectors, normalise_rows

BINS = 8
"""Bins for each of the two colour axes of CIELAB."""
_RANGE = 64.0  # of the axes to each side; anime's colours lie within
_SIDE = 48  # pixels of the reduced crop
_REGIONS = {
    "hair": (slice(0, 13), slice(0, 48)),
    "eyes": (slice(17, 31), slice(6, 42)),
    "skin": (slice(30, 42), slice(12, 36)),
}
"""Rows and columns of the reduced crop, for a crop with `FACE_MARGIN` around the face."""
COLOUR_DIMENSION = BINS * BINS * len(_REGIONS)


def describe_colours(crops: Iterable[Picture]) -> Vectors:
    """Return the colour histograms of face crops.

    Args:
        crops: as `cut_face` returns them.

    Returns:
        `(n, COLOUR_DIMENSION)` square roots of shares, each row of unit length: the inner product
        of two is the mean Bhattacharyya coefficient of their regions.
    """
    rows = [_describe(crop) for crop in crops]
    if not rows:
        return np.empty((0, COLOUR_DIMENSION), np.float32)
    return normalise_rows(np.stack(rows))


def _describe(crop: Picture) -> NDArray[np.float32]:
    small = cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    places = np.clip((lab[..., 1:] + _RANGE) / (2 * _RANGE) * BINS - 0.5, 0, BINS - 1)
    parts = [_histogram(places[region].reshape(-1, 2)) for region in _REGIONS.values()]
    return np.sqrt(np.concatenate(parts)).astype(np.float32)


def _histogram(places: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the shares of the bins; a pixel between bins counts for each by its nearness."""
    low = np.minimum(places.astype(np.int64), BINS - 2)
    rest = places - low
    counts = np.zeros((BINS, BINS))
    for a in (0, 1):
        for b in (0, 1):
            weight = np.abs(1 - a - rest[:, 0]) * np.abs(1 - b - rest[:, 1])
            np.add.at(counts, (low[:, 0] + a, low[:, 1] + b), weight)
    shares: NDArray[np.float64] = counts.ravel() / counts.sum()
    return shares

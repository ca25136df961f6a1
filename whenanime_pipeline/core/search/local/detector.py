"""From a picture to its local features: SIFT (Lowe 2004), upright and evenly spread.

Upright, because screenshots are not turned: patches tell more apart that way, and a mirrored
picture is found without describing it anew. Spread, because a picture's strongest corners may all
lie in its subtitles, which are not in the film.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.local.features import LocalFeatures

GALLERY_SIDE = 256
"""Pixels of the longer side at which stored pictures are described: as good as 320, and cheaper."""
GALLERY_COUNT = 150
"""Features of a key frame, at most."""
QUERY_SIDE = 400
"""Pixels of the longer side of a screenshot: more, since it may show only a part of the frame."""
QUERY_COUNT = 300
"""Features of a screenshot, at most."""
CODE_VERSION = 1
"""Raised when the same picture would get other features than before."""

_CONTRAST = 0.01
"""A quarter of SIFT's usual threshold: cel animation has large areas with faint drawing."""
_EDGE = 15.0
_GRID = (8, 5)
"""Cells across and down among which features are spread."""
_SMALLEST = 16
"""Pixels of the shorter side below which a picture has no patches to speak of."""


def detect(
    picture: NDArray[np.uint8], *, long_side: int = QUERY_SIDE, count: int = QUERY_COUNT
) -> LocalFeatures:
    """Describe the most telling patches of a picture. Safe in several threads at once.

    Args:
        picture: RGB, `(height, width, 3)`.
        long_side: larger pictures are scaled down to it.
        count: how many patches, at most.

    Returns:
        Its features, the best of each part of the picture first; none where it shows nothing.
    """
    gray = _scaled(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), long_side)
    height, width = gray.shape
    aspect = picture.shape[0] / picture.shape[1]
    if min(height, width) < _SMALLEST:
        return LocalFeatures.none(aspect)
    sift = cv2.SIFT.create(
        contrastThreshold=_CONTRAST, edgeThreshold=_EDGE
    )  # 1 µs; not to be shared
    found = _upright(sift.detect(gray, None))
    if not found:
        return LocalFeatures.none(aspect)
    places = np.array([(*point.pt, point.size, point.response) for point in found], np.float32)
    chosen = _spread(places[:, :2], places[:, 3], (width, height), count)
    _, described = sift.compute(gray, [found[number] for number in chosen])
    places = places[chosen] / width
    return LocalFeatures(places[:, :2], places[:, 2], _root(described), aspect)


def _scaled(gray: NDArray[np.uint8], long_side: int) -> NDArray[np.uint8]:
    height, width = gray.shape
    scale = long_side / max(height, width)
    if scale >= 1:
        return gray
    size = max(1, round(width * scale)), max(1, round(height * scale))
    smaller: NDArray[np.uint8] = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return smaller


def _upright(found: Sequence[cv2.KeyPoint]) -> list[cv2.KeyPoint]:
    """Turn patches upright; one that SIFT would describe in several directions is left once."""
    seen = set()
    upright = []
    for point in found:
        place = (point.pt, point.octave)
        if place not in seen:
            seen.add(place)
            point.angle = 0.0
            upright.append(point)
    return upright


def _spread(
    places: NDArray[np.float32],
    strengths: NDArray[np.float32],
    size: tuple[int, int],
    count: int,
) -> NDArray[np.int64]:
    """Choose the strongest of each cell, then the second of each, and so on.

    Args:
        places: `(n, 2)`, pixels.
        strengths: `(n,)`.
        size: the picture's width and height.
        count: how many, at most.

    Returns:
        Rows of `places`, in the order of choice.
    """
    cells = np.clip((places * _GRID / size).astype(np.int64), 0, np.array(_GRID) - 1) @ (
        _GRID[1],
        1,
    )
    by_cell = np.lexsort((-strengths, cells))
    sizes = np.bincount(cells)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    rank = np.empty(len(cells), np.int64)
    rank[by_cell] = np.arange(len(cells)) - starts
    return np.lexsort((-strengths, rank))[:count]


def _root(described: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take square roots of shares: then a scalar product compares as Hellinger's kernel does."""
    sums = np.maximum(described.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    rooted: NDArray[np.float32] = np.sqrt(described / sums)
    return rooted

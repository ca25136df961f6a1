"""Extracts local features: SIFT (Lowe 2004), upright and spread evenly over the picture.

Upright, because screenshots are not rotated: features are more distinctive, and those of the mirror
image follow by rearrangement. Spread over cells, because the strongest keypoints may all be in
subtitles, which the library's frames do not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.local.features import LocalFeatures


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """Settings of the extraction.

    Attributes:
        long_side: longer side that larger pictures are downscaled to, in pixels.
        max_features: most features of a picture.
        octaves: number of size ranges over which features are spread.
    """

    long_side: int
    max_features: int
    octaves: int = 1


KEYFRAME_SETTINGS = DetectorSettings(256, 150)
"""For keyframes in the index: as accurate as 320 pixels, and cheaper."""
QUERY_SETTINGS = DetectorSettings(280, 450, octaves=4)
"""For queries, which may show only a part of the frame. Spread over sizes, as only coarse features
of small crops have matches, and the finest features of photos are the screen's pixels. The side is
about that of keyframes; 400 pixels and 700 features found no more, in twice the time."""
REFERENCE_SETTINGS = DetectorSettings(224, 350)
"""For reference frames in guided matching: as many features as may match."""
CODE_VERSION = 1
"""Incremented whenever the same picture gets different features."""

_CONTRAST = 0.01
"""SIFT's contrast threshold, a quarter of the default, as cel animation has many faint lines."""
_EDGE = 15.0
"""SIFT's edge threshold."""
_GRID = (8, 5)
"""Columns and rows of cells over which features are spread."""
_FINEST = 2.2
"""Diameter of the finest features, in pixels."""
_SMALLEST = 16
"""Shortest side of a picture with features, in pixels."""


def detect(picture: NDArray[np.uint8], settings: DetectorSettings) -> LocalFeatures:
    """Extract the local features of a picture. Thread-safe.

    Args:
        picture: RGB, `(height, width, 3)`, or gray, `(height, width)`.
        settings: settings of the extraction.

    Returns:
        The features, the strongest of each cell first; empty for flat or tiny pictures.
    """
    gray = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    gray = _downscale(gray, settings.long_side)
    height, width = gray.shape
    aspect = picture.shape[0] / picture.shape[1]
    if min(height, width) < _SMALLEST:
        return LocalFeatures.empty(aspect)
    # Not shared between threads; creating one takes 1 µs.
    sift = cv2.SIFT.create(contrastThreshold=_CONTRAST, edgeThreshold=_EDGE)
    found, places = _make_upright(sift.detect(gray, None))
    if not found:
        return LocalFeatures.empty(aspect)
    cells = _assign_cells(places[:, :2], (width, height))
    coarser = np.log2(np.maximum(places[:, 2] / _FINEST, 1.0)).astype(np.int64)
    cells = cells * settings.octaves + np.minimum(coarser, settings.octaves - 1)
    chosen = _select_per_cell(cells, places[:, 3], settings.max_features)
    _, described = sift.compute(gray, [found[number] for number in chosen])
    places = places[chosen] / width
    return LocalFeatures(places[:, :2], places[:, 2], _to_root_sift(described), aspect)


def detect_in_box(
    picture: NDArray[np.uint8], box: tuple[float, float, float, float], settings: DetectorSettings
) -> LocalFeatures:
    """Extract the local features of a part of a picture, in coordinates of the whole.

    Args:
        picture: as for `detect`.
        box: left, top, right and bottom of the part, in widths of the picture; clipped to it.
        settings: settings of the extraction; features are spread over the part.
    """
    height, width = picture.shape[:2]
    left, top, right, bottom = (round(side * width) for side in box)
    columns = slice(max(0, left), max(0, right))
    rows = slice(max(0, top), max(0, bottom))
    part = np.ascontiguousarray(picture[rows, columns])
    if not part.size:
        return LocalFeatures.empty(height / width)
    found = detect(part, settings)
    shrunk = np.float32(part.shape[1] / width)
    corner = np.array([columns.start, rows.start], np.float32) / np.float32(width)
    return LocalFeatures(
        found.points * shrunk + corner, found.sizes * shrunk, found.descriptors, height / width
    )


def _downscale(gray: NDArray[np.uint8], long_side: int) -> NDArray[np.uint8]:
    height, width = gray.shape
    scale = long_side / max(height, width)
    if scale >= 1:
        return gray
    size = max(1, round(width * scale)), max(1, round(height * scale))
    smaller: NDArray[np.uint8] = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return smaller


def _make_upright(
    found: Sequence[cv2.KeyPoint],
) -> tuple[list[cv2.KeyPoint], NDArray[np.float32]]:
    """Set the angles to 0, and drop keypoints that SIFT repeats for several orientations.

    Returns:
        The keypoints, and x, y, size and response of each as `(n, 4)`.
    """
    seen = set()
    upright = []
    rows = []
    for point in found:  # each attribute access is a call into OpenCV, so read once
        place = point.pt
        if (place, point.octave) not in seen:
            seen.add((place, point.octave))
            point.angle = 0.0
            upright.append(point)
            rows.append((*place, point.size, point.response))
    return upright, np.array(rows, np.float32)


def _assign_cells(places: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.int64]:
    """Return the cell `(n,)` of each position `(n, 2)` in a picture of a (width, height)."""
    columns = np.clip((places * _GRID / size).astype(np.int64), 0, np.array(_GRID) - 1)
    cells: NDArray[np.int64] = columns @ (_GRID[1], 1)
    return cells


def _select_per_cell(
    cells: NDArray[np.int64], strengths: NDArray[np.float32], count: int
) -> NDArray[np.int64]:
    """Choose the strongest keypoint of each cell, then the second of each, and so on.

    Args:
        cells: `(n,)`, cells of the keypoints.
        strengths: `(n,)`, responses of the keypoints.
        count: most keypoints to choose.

    Returns:
        Their indices, in order of choice.
    """
    by_cell = np.lexsort((-strengths, cells))
    sizes = np.bincount(cells)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    rank = np.empty(len(cells), np.int64)
    rank[by_cell] = np.arange(len(cells)) - starts
    return np.lexsort((-strengths, rank))[:count]


def _to_root_sift(described: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert SIFT to RootSIFT, whose dot product is the Hellinger kernel."""
    sums = np.maximum(described.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    rooted: NDArray[np.float32] = np.sqrt(described / sums)
    return rooted

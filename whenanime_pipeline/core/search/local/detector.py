"""From a picture to its local features: SIFT (Lowe 2004), upright and evenly spread.

Upright, because screenshots are not turned: patches tell more apart that way, and a mirrored
picture is found without describing it again. Spread, because a picture's strongest corners may all
lie in its subtitles, which are not in the film.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.local.features import LocalFeatures


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """How closely a picture is looked at.

    Attributes:
        long_side: pixels of the longer side; larger pictures are scaled down to it.
        max_features: features, at most.
        octaves: ranges of sizes among which features are spread, as they are over the picture.
    """

    long_side: int
    max_features: int
    octaves: int = 1


KEYFRAME_SETTINGS = DetectorSettings(256, 150)
"""Of a key frame for the index: as good as 320 pixels, and cheaper."""
QUERY_SETTINGS = DetectorSettings(280, 450, octaves=4)
"""Of a screenshot: it may show only a part of the frame. Of one that shows a small part only coarse
features have counterparts, and in a photo the finest are those of the screen. About as large as key
frames are, so that patches are equally fine: of 400 pixels and 700 features no more was found, and
it took twice as long."""
REFERENCE_SETTINGS = DetectorSettings(224, 350)
"""For a reference frame that a query is matched with: everything that may be found again."""
CODE_VERSION = 1
"""Raised when the same picture would get other features than before."""

_CONTRAST = 0.01
"""A quarter of SIFT's usual threshold: cel animation has large areas with faint drawing."""
_EDGE = 15.0
_GRID = (8, 5)
"""Cells across and down among which features are spread."""
_FINEST = 2.2
"""Pixels of the diameter of the finest features."""
_SMALLEST = 16
"""Pixels of the shorter side below which a picture has no patches to speak of."""


def detect(picture: NDArray[np.uint8], settings: DetectorSettings) -> LocalFeatures:
    """Describe the most telling patches of a picture. Safe in several threads at once.

    Args:
        picture: RGB, `(height, width, 3)`, or gray, `(height, width)`.
        settings: how closely.

    Returns:
        Its features, the best of each part of the picture first; none where it shows nothing.
    """
    gray = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    gray = _downscale(gray, settings.long_side)
    height, width = gray.shape
    aspect = picture.shape[0] / picture.shape[1]
    if min(height, width) < _SMALLEST:
        return LocalFeatures.empty(aspect)
    sift = cv2.SIFT.create(
        contrastThreshold=_CONTRAST, edgeThreshold=_EDGE
    )  # 1 µs; not to be shared
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
    """Describe the most telling patches of a part of a picture, in units of the whole.

    Args:
        picture: as for `detect`.
        box: left, top, right and bottom of the part, in widths of the picture; what reaches
            beyond the picture is cut off.
        settings: how closely. Features are spread over the part.
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
    """Turn patches upright; one that SIFT would describe in several directions is left once.

    Returns:
        The patches, and `(n, 4)`: x, y, size and strength of each.
    """
    seen = set()
    upright = []
    rows = []
    for point in found:  # hundreds a picture, each attribute of which is a call: asked once
        place = point.pt
        if (place, point.octave) not in seen:
            seen.add((place, point.octave))
            point.angle = 0.0
            upright.append(point)
            rows.append((*place, point.size, point.response))
    return upright, np.array(rows, np.float32)


def _assign_cells(places: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.int64]:
    """Return the number of the cell in which each place `(n, 2)` of a picture of a size lies."""
    columns = np.clip((places * _GRID / size).astype(np.int64), 0, np.array(_GRID) - 1)
    cells: NDArray[np.int64] = columns @ (_GRID[1], 1)
    return cells


def _select_per_cell(
    cells: NDArray[np.int64], strengths: NDArray[np.float32], count: int
) -> NDArray[np.int64]:
    """Choose the strongest of each cell, then the second of each, and so on.

    Args:
        cells: `(n,)`, the cell of each.
        strengths: `(n,)`.
        count: how many, at most.

    Returns:
        Rows, in the order of choice.
    """
    by_cell = np.lexsort((-strengths, cells))
    sizes = np.bincount(cells)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    rank = np.empty(len(cells), np.int64)
    rank[by_cell] = np.arange(len(cells)) - starts
    return np.lexsort((-strengths, rank))[:count]


def _to_root_sift(described: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take square roots of shares: then a scalar product compares as Hellinger's kernel does."""
    sums = np.maximum(described.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    rooted: NDArray[np.float32] = np.sqrt(described / sums)
    return rooted

"""Pictures within a picture: photographed screens, windows of a desktop, pictures in a chat.

What they have in common is four straight sides. Glare, moiré and bezels hide much of them, so sides
are looked for as lines that straight edges lie on, here and there, and not as closed outlines.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Corners = NDArray[np.float64]
"""`(4, 2)`, clockwise from the upper left, in widths of the picture that they are in."""
_PixelCorners = NDArray[np.float64]
"""The same in pixels of the small picture; or of several, `(n, 4, 2)`."""

_DETECTION_SIDE = 256
"""Pixels of the longer side at which edges are looked for."""
_MAX_EDGES, _MAX_LINES = 64, 12
"""Edges of either direction that are looked at, the longest first, and lines that they make."""
_MIN_EDGE_LENGTH = 4
"""Pixels of an edge."""
_MAX_SLOPE = 0.4
"""Slope up to which an edge may be a side: of a screen that is seen from an angle."""
_LINE_TOLERANCE = 1.5
"""Pixels that an edge may be off its line."""
_MIN_EDGE_SHARE, _MIN_MEAN_EDGE_SHARE = 0.15, 0.45
"""Share of any side, and of the four on average, on which there are edges."""
_ASPECT_RANGE = (1.1, 3.0)
_MIN_AREA_SHARE = 0.06
"""Share of the picture below which an inset shows too little."""
_WHOLE_PICTURE_SHARE = 0.97
"""Share of both sides of the picture from which on it is no inset but the picture."""
_MAX_PIXELS_OUTSIDE = 3
"""Pixels that a corner may lie outside of the picture."""
_MAX_CLEAREST, _MAX_INSETS = 2, 4
"""Insets that are returned for their sides alone, and altogether."""
_MIN_CORNER_DISTANCE = 2.0
"""Pixels between the corners of two insets: bezels have an inside and an outside."""
_RECTIFIED_SIZE = (256, 144)
"""Width and height of an inset when it is cut out."""


@dataclass(frozen=True, slots=True)
class _EdgeLines:
    """Lines along one axis, and where edges lie on them.

    Attributes:
        slopes, starts: `(n,)`, pixels across for each along, and those at the beginning.
        edge_counts: `(n, length + 1)`, pixels along with edges, before each.
    """

    slopes: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    edge_counts: NDArray[np.int64]

    def edge_share(
        self, rows: NDArray[np.int64], first: NDArray[np.float64], last: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the share of stretches of some of the lines on which there are edges."""
        length = self.edge_counts.shape[1] - 1
        begin, end = (np.clip(place, 0, length).astype(int) for place in (first, last))
        edged = self.edge_counts[rows, end] - self.edge_counts[rows, begin]
        share: NDArray[np.float64] = edged / np.maximum(last - first, 1)
        return share


def find_insets(picture: NDArray[np.uint8]) -> list[Corners]:
    """Find what may be pictures within a picture.

    Args:
        picture: RGB, `(height, width, 3)`.

    Returns:
        Their corners: of the two with the clearest sides, then of two that are large as well.
    """
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    scale = _DETECTION_SIDE / max(gray.shape)
    width, height = (max(1, round(side * scale)) for side in gray.shape[::-1])
    small = cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)
    found, *_ = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(small)
    if found is None:
        return []
    edges = found[:, 0].astype(np.float64)
    level = _group_edges_into_lines(edges, width)
    upright = _group_edges_into_lines(edges[:, [1, 0, 3, 2]], height)
    corners, clear = _intersect_lines(level, upright)
    wide = (corners[:, 1] - corners[:, 0] + corners[:, 2] - corners[:, 3])[:, 0] / 2
    high = (corners[:, 3] - corners[:, 0] + corners[:, 2] - corners[:, 1])[:, 1] / 2
    likely = (clear.min(axis=1) >= _MIN_EDGE_SHARE) & (clear.mean(axis=1) >= _MIN_MEAN_EDGE_SHARE)
    likely &= (wide > _ASPECT_RANGE[0] * high) & (wide < _ASPECT_RANGE[1] * high)
    likely &= wide * high > _MIN_AREA_SHARE * width * height
    likely &= (wide < _WHOLE_PICTURE_SHARE * width) | (high < _WHOLE_PICTURE_SHARE * height)
    likely &= (
        (corners > -_MAX_PIXELS_OUTSIDE)
        & (corners < (width + _MAX_PIXELS_OUTSIDE, height + _MAX_PIXELS_OUTSIDE))
    ).all((1, 2))
    rows = np.flatnonzero(likely)
    clearness, area = clear[rows].mean(axis=1), (wide * high)[rows]
    kept: list[_PixelCorners] = []
    # What is drawn in a film has straight sides too, but the film lies around it.
    for count, worth in ((_MAX_CLEAREST, clearness), (_MAX_INSETS, clearness * area)):
        for own in corners[rows[np.argsort(-worth, kind="stable")]]:
            if len(kept) >= count:
                break
            if all(np.abs(own - other).max() > _MIN_CORNER_DISTANCE for other in kept):
                kept.append(own)
    # The sides were scaled to whole pixels, each by its own factor.
    widths = np.array([1 / width, gray.shape[0] / gray.shape[1] / height])
    return [(own + 0.5) * widths for own in kept]


def rectify_inset(picture: NDArray[np.uint8], corners: Corners) -> NDArray[np.uint8]:
    """Return an inset as if it were seen from the front, small, and as wide as films mostly are.

    Args:
        picture: RGB, `(height, width, 3)`.
        corners: of the inset.
    """
    height, width = picture.shape[:2]
    shrunk = min(1.0, 2 * _RECTIFIED_SIZE[0] / (width * float(np.ptp(corners[:, 0]))))
    if shrunk < 1:  # a photograph of many megapixels would be sampled here and there only
        size = max(1, round(width * shrunk)), max(1, round(height * shrunk))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    across, down = _RECTIFIED_SIZE
    target = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
    source = (corners * picture.shape[1] - 0.5).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(source, target - 0.5)
    result: NDArray[np.uint8] = cv2.warpPerspective(
        picture, matrix, _RECTIFIED_SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return result


def _group_edges_into_lines(edges: NDArray[np.float64], length: int) -> _EdgeLines:
    """Gather edges that lie on one line.

    Args:
        edges: `(n, 4)`: where each begins and ends, along and across.
        length: of the picture, along.
    """
    along, across = np.abs(edges[:, 2:] - edges[:, :2]).T
    edges, along = (
        some[(along > _MIN_EDGE_LENGTH) & (across < _MAX_SLOPE * along)] for some in (edges, along)
    )
    left = edges[np.argsort(-along, kind="stable")[:_MAX_EDGES]]
    fits: list[tuple[float, float]] = []
    edged: list[NDArray[np.bool_]] = []
    while len(left) and len(fits) < _MAX_LINES:
        own = np.arange(len(left)) == 0
        for _ in range(2):  # the longest edge finds others, which tell the line better
            slope, start = _fit_line(left[own])
            own = np.abs(left[:, 1::2] - slope * left[:, ::2] - start).max(axis=1) < _LINE_TOLERANCE
            own[0] = True
        there = np.zeros(length, np.bool_)
        for begin, end in np.clip(np.sort(left[own, ::2], axis=1), 0, length - 1).astype(int):
            there[begin : end + 1] = True
        fits.append((slope, start))
        edged.append(there)
        left = left[~own]
    slopes, starts = np.array(fits).reshape(-1, 2).T
    counts = np.cumsum(np.array(edged).reshape(-1, length), axis=1)
    return _EdgeLines(slopes, starts, np.pad(counts, ((0, 0), (1, 0))))


def _fit_line(edges: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and start of the line that fits edges best, the longer counting more."""
    places, across = edges[:, ::2], edges[:, 1::2]
    weights = np.repeat(np.abs(places[:, 1:] - places[:, :1]), 2, axis=1)
    weights /= weights.sum()
    middle, level = (weights * places).sum(), (weights * across).sum()
    off = places - middle
    slope = float((weights * off * (across - level)).sum() / (weights * off * off).sum())
    return slope, float(level - slope * middle)


def _intersect_lines(
    level: _EdgeLines, upright: _EdgeLines
) -> tuple[_PixelCorners, NDArray[np.float64]]:
    """Return what every two lines of either direction enclose.

    Returns:
        Corners, `(n, 4, 2)`, and the shares of their sides on which there are edges, `(n, 4)`:
        above, below, left, right.
    """
    slope, start = level.slopes[:, None], level.intercepts[:, None]
    x = (upright.slopes * start + upright.intercepts) / (1 - slope * upright.slopes)
    y = slope * x + start
    pairs = [np.stack(np.triu_indices(len(one.slopes), 1)) for one in (level, upright)]
    rows, columns = np.meshgrid(*(np.arange(two.shape[1]) for two in pairs), indexing="ij")
    above, below = pairs[0][:, rows.ravel()]
    left, right = pairs[1][:, columns.ravel()]
    lower = y[above, left] + y[above, right] > y[below, left] + y[below, right]
    above, below = np.where(lower, below, above), np.where(lower, above, below)
    further = x[above, left] + x[below, left] > x[above, right] + x[below, right]
    left, right = np.where(further, right, left), np.where(further, left, right)
    around = (above, left), (above, right), (below, right), (below, left)
    corners = np.stack([np.stack([x[place], y[place]], axis=-1) for place in around], axis=1)
    clear = [
        level.edge_share(above, corners[:, 0, 0], corners[:, 1, 0]),
        level.edge_share(below, corners[:, 3, 0], corners[:, 2, 0]),
        upright.edge_share(left, corners[:, 0, 1], corners[:, 3, 1]),
        upright.edge_share(right, corners[:, 1, 1], corners[:, 2, 1]),
    ]
    return corners, np.stack(clear, axis=1)

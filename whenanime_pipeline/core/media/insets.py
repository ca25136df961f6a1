"""Finds pictures within a picture: photographed screens, desktop windows, pictures in a chat.

Their common feature is four straight sides. Glare, moiré and bezels hide much of them, so sides are
detected as lines through scattered straight edges, not as closed outlines.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Corners = NDArray[np.float64]
"""`(4, 2)`, clockwise from the upper left, as fractions of the enclosing picture's width."""
_PixelCorners = NDArray[np.float64]
"""`(4, 2)`, or `(n, 4, 2)` of several insets, in pixels of the small picture."""

_DETECTION_SIDE = 256
"""Longer side in pixels of the small picture on which edges are detected."""
_MAX_EDGES, _MAX_LINES = 64, 12
"""Maximum edges used per direction, longest first, and maximum lines fitted to them."""
_MIN_EDGE_LENGTH = 4
"""Minimum length of an edge in pixels."""
_MAX_SLOPE = 0.4
"""Maximum slope of a side, for screens seen from an angle."""
_LINE_TOLERANCE = 1.5
"""Maximum distance of an edge from its line in pixels."""
_MIN_EDGE_SHARE, _MIN_MEAN_EDGE_SHARE = 0.15, 0.45
"""Minimum share of each side, and of the four on average, that is covered by edges."""
_ASPECT_RANGE = (1.1, 3.0)
"""Width by height of an inset."""
_MIN_AREA_SHARE = 0.06
"""Minimum area of an inset as a share of the picture."""
_WHOLE_PICTURE_SHARE = 0.97
"""Share of both sides from which an inset is the picture itself."""
_MAX_PIXELS_OUTSIDE = 3
"""Maximum distance of a corner outside the picture in pixels."""
_MAX_CLEAREST, _MAX_INSETS = 2, 4
"""Maximum insets returned for their clear sides alone, and in total."""
_MIN_CORNER_DISTANCE = 2.0
"""Minimum distance in pixels between corners of two insets: bezels have two outlines."""
_RECTIFIED_SIZE = (256, 144)
"""Width and height of a rectified inset in pixels."""


@dataclass(frozen=True, slots=True)
class _EdgeLines:
    """Lines along one axis and the parts of them covered by edges.

    Attributes:
        slopes: `(n,)`, pixels across per pixel along.
        intercepts: `(n,)`, pixels across at the beginning.
        edge_counts: `(n, length + 1)`, cumulative number of pixels along that edges cover.
    """

    slopes: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    edge_counts: NDArray[np.int64]

    def edge_share(
        self, rows: NDArray[np.int64], first: NDArray[np.float64], last: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the share of segments of some lines that edges cover.

        Args:
            rows: `(m,)`, indices of the lines.
            first: `(m,)`, beginnings of the segments in pixels along.
            last: `(m,)`, ends of the segments in pixels along.
        """
        length = self.edge_counts.shape[1] - 1
        begin, end = (np.clip(side, 0, length).astype(int) for side in (first, last))
        covered = self.edge_counts[rows, end] - self.edge_counts[rows, begin]
        share: NDArray[np.float64] = covered / np.maximum(last - first, 1)
        return share


def find_insets(picture: NDArray[np.uint8]) -> list[Corners]:
    """Find candidate pictures within a picture.

    Args:
        picture: RGB, `(height, width, 3)`.

    Returns:
        Their corners: first the two with the clearest sides, then two that are also large.
    """
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    scale = _DETECTION_SIDE / max(gray.shape)
    width, height = (max(1, round(side * scale)) for side in gray.shape[::-1])
    small = cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)
    segments, *_ = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(small)
    if segments is None:
        return []
    edges = segments[:, 0].astype(np.float64)
    level = _group_edges_into_lines(edges, width)
    upright = _group_edges_into_lines(edges[:, [1, 0, 3, 2]], height)
    corners, shares = _intersect_lines(level, upright)
    wide = (corners[:, 1] - corners[:, 0] + corners[:, 2] - corners[:, 3])[:, 0] / 2
    high = (corners[:, 3] - corners[:, 0] + corners[:, 2] - corners[:, 1])[:, 1] / 2
    likely = shares.min(axis=1) >= _MIN_EDGE_SHARE
    likely &= shares.mean(axis=1) >= _MIN_MEAN_EDGE_SHARE
    likely &= (wide > _ASPECT_RANGE[0] * high) & (wide < _ASPECT_RANGE[1] * high)
    likely &= wide * high > _MIN_AREA_SHARE * width * height
    likely &= (wide < _WHOLE_PICTURE_SHARE * width) | (high < _WHOLE_PICTURE_SHARE * height)
    likely &= (
        (corners > -_MAX_PIXELS_OUTSIDE)
        & (corners < (width + _MAX_PIXELS_OUTSIDE, height + _MAX_PIXELS_OUTSIDE))
    ).all((1, 2))
    rows = np.flatnonzero(likely)
    clearness, area = shares[rows].mean(axis=1), (wide * high)[rows]
    insets: list[_PixelCorners] = []
    # Objects in a film have straight sides too, but the film around them is larger.
    for count, score in ((_MAX_CLEAREST, clearness), (_MAX_INSETS, clearness * area)):
        for candidate in corners[rows[np.argsort(-score, kind="stable")]]:
            if len(insets) >= count:
                break
            if all(np.abs(candidate - other).max() > _MIN_CORNER_DISTANCE for other in insets):
                insets.append(candidate)
    # Each side was scaled to whole pixels by its own factor.
    widths = np.array([1 / width, gray.shape[0] / gray.shape[1] / height])
    return [(inset + 0.5) * widths for inset in insets]


def rectify_inset(picture: NDArray[np.uint8], corners: Corners) -> NDArray[np.uint8]:
    """Return an inset as seen from the front, scaled to 16:9.

    Args:
        picture: RGB, `(height, width, 3)`.
        corners: Corners of the inset.

    Returns:
        RGB, `(144, 256, 3)`.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, 2 * _RECTIFIED_SIZE[0] / (width * float(np.ptp(corners[:, 0]))))
    if scale < 1:  # the warp alone would alias a photograph of many megapixels
        size = max(1, round(width * scale)), max(1, round(height * scale))
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
    """Group edges that share a line.

    Args:
        edges: `(n, 4)`: beginning and end of each in pixels, each along and across.
        length: Size of the picture along the axis in pixels.
    """
    along, across = np.abs(edges[:, 2:] - edges[:, :2]).T
    edges, along = (
        some[(along > _MIN_EDGE_LENGTH) & (across < _MAX_SLOPE * along)] for some in (edges, along)
    )
    remaining = edges[np.argsort(-along, kind="stable")[:_MAX_EDGES]]
    fits: list[tuple[float, float]] = []
    coverage: list[NDArray[np.bool_]] = []
    while len(remaining) and len(fits) < _MAX_LINES:
        members = np.arange(len(remaining)) == 0
        for _ in range(2):  # the longest edge finds others, which refine the line
            slope, intercept = _fit_line(remaining[members])
            residuals = np.abs(remaining[:, 1::2] - slope * remaining[:, ::2] - intercept)
            members = residuals.max(axis=1) < _LINE_TOLERANCE
            members[0] = True
        covered = np.zeros(length, np.bool_)
        spans = np.clip(np.sort(remaining[members, ::2], axis=1), 0, length - 1).astype(int)
        for begin, end in spans:
            covered[begin : end + 1] = True
        fits.append((slope, intercept))
        coverage.append(covered)
        remaining = remaining[~members]
    slopes, intercepts = np.array(fits).reshape(-1, 2).T
    counts = np.cumsum(np.array(coverage).reshape(-1, length), axis=1)
    return _EdgeLines(slopes, intercepts, np.pad(counts, ((0, 0), (1, 0))))


def _fit_line(edges: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and intercept of the least-squares line through edges, weighted by length."""
    along, across = edges[:, ::2], edges[:, 1::2]
    weights = np.repeat(np.abs(along[:, 1:] - along[:, :1]), 2, axis=1)
    weights /= weights.sum()
    mean_along, mean_across = (weights * along).sum(), (weights * across).sum()
    off = along - mean_along
    slope = float((weights * off * (across - mean_across)).sum() / (weights * off * off).sum())
    return slope, float(mean_across - slope * mean_along)


def _intersect_lines(
    level: _EdgeLines, upright: _EdgeLines
) -> tuple[_PixelCorners, NDArray[np.float64]]:
    """Return the quadrilaterals that every two lines of either direction enclose.

    Returns:
        Corners, `(n, 4, 2)`, and the shares of their sides that edges cover, `(n, 4)`: above,
        below, left, right.
    """
    slope, intercept = level.slopes[:, None], level.intercepts[:, None]
    x = (upright.slopes * intercept + upright.intercepts) / (1 - slope * upright.slopes)
    y = slope * x + intercept
    pairs = [np.stack(np.triu_indices(len(one.slopes), 1)) for one in (level, upright)]
    rows, columns = np.meshgrid(*(np.arange(two.shape[1]) for two in pairs), indexing="ij")
    above, below = pairs[0][:, rows.ravel()]
    left, right = pairs[1][:, columns.ravel()]
    swapped = y[above, left] + y[above, right] > y[below, left] + y[below, right]
    above, below = np.where(swapped, below, above), np.where(swapped, above, below)
    swapped = x[above, left] + x[below, left] > x[above, right] + x[below, right]
    left, right = np.where(swapped, right, left), np.where(swapped, left, right)
    around = (above, left), (above, right), (below, right), (below, left)
    corners = np.stack([np.stack([x[pair], y[pair]], axis=-1) for pair in around], axis=1)
    shares = [
        level.edge_share(above, corners[:, 0, 0], corners[:, 1, 0]),
        level.edge_share(below, corners[:, 3, 0], corners[:, 2, 0]),
        upright.edge_share(left, corners[:, 0, 1], corners[:, 3, 1]),
        upright.edge_share(right, corners[:, 1, 1], corners[:, 2, 1]),
    ]
    return corners, np.stack(shares, axis=1)

"""Transforms of a query onto a reference frame: projective maps, estimated from matches.

Coordinates are in widths of their own picture, from its upper left corner: `(1, aspect)` is the
lower right one.
"""

from dataclasses import dataclass
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

Transform = NDArray[np.float64]
"""`(3, 3)`, maps `(x, y, 1)` of the query to the reference frame."""

_DEGREES_OF_FREEDOM = ((6, 2), (12, 4), (24, 8))
"""Matches required for anisotropic scaling, affine and homography: several times the degrees of
freedom."""
_TOLERANCES = (0.025, 0.018, 0.012)
"""Inlier tolerance of each round, in widths: keypoints of small pictures are located to about a
pixel in 256, and the initial fit to two matches is coarser."""
_MAX_TRIED = 24
"""Matches, of the largest weight, of which each two are tried as an initial fit."""
_MIN_DISTANCE = 0.04
"""Least distance of two points along an axis, in widths, to estimate its scale from."""
_MAX_SCALE_RATIO, _MAX_ANISOTROPY = 2.0, 1.6
"""Factors by which a scale may differ from that of the features' sizes, and between both axes."""


@dataclass(frozen=True, slots=True)
class Correspondences:
    """Putative matches between query and reference features.

    Attributes:
        points: `(n, 2)`, positions in the query.
        targets: `(n, 2)`, positions in the reference frame.
        scales: `(n,)`, size of the reference feature over that of the query feature.
        weights: `(n,)`, confidence in each match.
    """

    points: NDArray[np.float32]
    targets: NDArray[np.float32]
    scales: NDArray[np.float32]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.points)

    def select(self, rows: NDArray[np.bool_]) -> Self:
        """Return the matches of a mask `(n,)`."""
        return type(self)(
            self.points[rows], self.targets[rows], self.scales[rows], self.weights[rows]
        )


def transform_from_box(
    box: tuple[float, float, float, float], reference_aspect: float
) -> Transform:
    """Return the transform of a query that shows the whole reference frame in a box.

    Args:
        box: left, top, right and bottom of the box, in widths of the query.
        reference_aspect: height of the reference frame, in its widths.
    """
    left, top, right, bottom = box
    across, down = 1 / (right - left), reference_aspect / (bottom - top)
    return np.array([[across, 0, -left * across], [0, down, -top * down], [0, 0, 1.0]])


def transform_from_corners(corners: NDArray[np.float64]) -> Transform:
    """Return the transform that maps four query corners to the unit square.

    Args:
        corners: `(4, 2)`, clockwise from the upper left one.
    """
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), square), np.float64)


def transform_points(transform: Transform, points: NDArray[Any]) -> NDArray[np.float64]:
    """Map query points `(n, 2)` to the reference frame."""
    moved = np.column_stack([points, np.ones(len(points))]) @ transform.T
    result: NDArray[np.float64] = moved[:, :2] / moved[:, 2:]
    return result


def estimate_transform(correspondences: Correspondences) -> tuple[Transform, int]:
    """Fit a transform to roughly consistent matches, dropping outliers.

    Args:
        correspondences: at least one.

    Returns:
        The transform and its number of inliers: a homography, an affine map, a scale and shift per
        axis, or one scale and a shift, depending on how many there are.
    """
    scale = float(np.median(correspondences.scales))
    transform, count = _fit_two_points(correspondences, scale), len(correspondences)
    for tolerance in _TOLERANCES:
        fits = (
            np.abs(
                transform_points(transform, correspondences.points) - correspondences.targets
            ).max(axis=1)
            < tolerance
        )
        count = int(fits.sum())
        if count < 3:
            break
        correspondences = correspondences.select(fits)
        transform = _fit(correspondences, scale)
    return transform, count


def fit_scale_translation(points: NDArray[Any], targets: NDArray[Any]) -> Transform:
    """Fit a scale and a shift per axis to matches.

    Args:
        points: `(n, 2)`, positions in the query, n > 0.
        targets: `(n, 2)`, positions in the reference frame.
    """
    return _fit_scale_translation(points, targets, np.ones((len(points), 1)))


def is_plausible_transform(transform: Transform) -> bool:
    """Return whether it preserves orientation, with no corner near the vanishing line."""
    corners = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1.0]]) @ transform.T
    depths = corners[:, 2] / corners[:, 2].mean()
    upright = float(np.linalg.det(transform[:2, :2])) > 0
    return bool(upright and depths.min() > 0.4 and depths.max() < 2.5)


def _fit_scale_translation(
    points: NDArray[Any], targets: NDArray[Any], trust: NDArray[np.float64]
) -> Transform:
    """Solve weighted least squares for a scale and a shift per axis; `trust` is `(n, 1)`."""
    result = np.eye(3)
    for axis in (0, 1):
        system = np.column_stack([points[:, axis], np.ones(len(points))])
        (stretch, shift), *_ = np.linalg.lstsq(
            system * trust, targets[:, axis] * trust[:, 0], rcond=None
        )
        result[axis, axis], result[axis, 2] = stretch, shift
    return result


def _fit_two_points(pairs: Correspondences, scale: float) -> Transform:
    """Return the scale and shift per axis through two matches with the most inlier weight.

    Two matches give the scales much more precisely than the quantised sizes of features.

    Args:
        pairs: at least one match.
        scale: the median of their scales.
    """
    points, targets = pairs.points, pairs.targets
    best = np.argsort(-pairs.weights, kind="stable")[:_MAX_TRIED]
    one, two = (best[rows] for rows in np.triu_indices(len(best), 1))
    across = (points[two] - points[one]).astype(np.float64)
    along = (targets[two] - targets[one]).astype(np.float64)
    far = np.abs(across) > _MIN_DISTANCE
    stretch = np.where(far, along / np.where(far, across, 1.0), np.nan)
    # Where both lie in one row or column, the other axis gives that scale as well.
    stretch = np.where(np.isnan(stretch), stretch[:, ::-1], stretch)
    likely = ((stretch > scale / _MAX_SCALE_RATIO) & (stretch < scale * _MAX_SCALE_RATIO)).all(
        axis=1
    )
    likely &= stretch.max(axis=1) < _MAX_ANISOTROPY * stretch.min(axis=1)
    if not likely.any():
        return _fit(pairs, scale)
    one, stretch = one[likely], stretch[likely]
    shifts = targets[one] - stretch * points[one]
    errors = np.abs(stretch[:, None] * points + shifts[:, None] - targets).max(axis=2)
    worth = (errors < _TOLERANCES[0]) @ pairs.weights
    right = int(worth.argmax())
    (wide, high), (left, top) = stretch[right], shifts[right]
    return np.array([[wide, 0, left], [0, high, top], [0, 0, 1.0]])


def _fit(pairs: Correspondences, scale: float) -> Transform:
    """Fit the model with the most degrees of freedom that the number of matches allows."""
    points, targets, count = pairs.points, pairs.targets, len(pairs)
    freedom = max((free for least, free in _DEGREES_OF_FREEDOM if count >= least), default=0)
    if freedom == 8:
        found, _ = cv2.findHomography(points.astype(np.float64), targets.astype(np.float64), 0)
        if found is not None and is_plausible_transform(found):
            return np.asarray(found, np.float64)
    trust = np.sqrt(pairs.weights.astype(np.float64))[:, None]
    if freedom >= 4:
        system = np.column_stack([points, np.ones(count)])
        solved, *_ = np.linalg.lstsq(system * trust, targets * trust, rcond=None)
        return np.vstack([solved.T, [0, 0, 1]])
    if freedom == 2:
        return _fit_scale_translation(points, targets, trust)
    shift = np.average(targets - scale * points, axis=0, weights=pairs.weights)
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]])

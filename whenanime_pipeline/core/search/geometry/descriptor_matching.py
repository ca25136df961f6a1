"""Matches a query's descriptors with those of one candidate reference frame.

The inverted file finds a keyframe among a million, but its quantised words and binary codes lose
most matches. Comparing the descriptors themselves, of more features and only within a window around
the expected position (guided matching), yields about ten times as many. They fix the transform to
the pixel, or show that there is none.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.transform import (
    Transform,
    fit_scale_translation,
    is_plausible_transform,
    transform_points,
)
from whenanime_pipeline.core.search.local.features import LocalFeatures

_SEARCH_WINDOWS = 0.1, 0.03
"""Search windows, in frame widths, around the initial transform and then around the fitted one: the
narrower second pass covers the whole of a photo instead of one corner."""
_MAX_OCTAVE_DIFFERENCE = 1.0
"""Octaves by which the scales of a match may differ from the transform's."""
_MIN_SIMILARITY = 0.7
"""Lowest cosine of two matched descriptors."""
_TOLERANCE = 0.012
"""Reprojection error of an inlier, in frame widths."""
_MIN_INLIERS = 6
"""Fewest inliers of a fit; a homography always fits four."""
_SCALE_ONLY_SHARE = 0.85
"""Share of the homography's inliers that a scale and shift per axis must keep to be preferred: most
screenshots are only cropped and scaled, and a homography's additional degrees of freedom fit
noise."""
_MAX_ITERATIONS = 500
"""RANSAC's samples, at most."""
_RANSAC_CONFIDENCE = 0.999
"""Probability at which RANSAC stops earlier."""


def match_descriptors(
    query: LocalFeatures, reference: LocalFeatures, initial: Transform
) -> tuple[Transform, int] | None:
    """Estimate the transform of a query onto a reference frame.

    Args:
        query: features of the query, or of its mirror image.
        reference: features of the reference frame.
        initial: an approximate transform, off by less than a tenth of the frame's width.

    Returns:
        The transform and its number of inliers; None with too few inliers.
    """
    if not len(query) or not len(reference):
        return None
    similarities = query.descriptors @ reference.descriptors.T
    found: tuple[Transform, int] | None = None
    for window in _SEARCH_WINDOWS:
        expected = initial if found is None else found[0]
        fitted = _fit_robustly(
            *_find_mutual_matches(query, reference, similarities, expected, window)
        )
        if fitted is None or (found is not None and fitted[1] < found[1]):
            break
        found = fitted
    return found


def compute_search_window(
    initial: Transform, aspect: float
) -> tuple[float, float, float, float] | None:
    """Return the box of a reference frame in which matches can lie.

    Args:
        initial: an approximate transform of the query.
        aspect: the query's height, in its widths.

    Returns:
        Left, top, right and bottom in widths of the reference frame, possibly outside it; None if
        the transform sends a corner to infinity, so that matches can lie anywhere.
    """
    with np.errstate(all="ignore"):
        corners = transform_points(initial, np.array([[0, 0], [1, 0], [1, aspect], [0, aspect]]))
    if not np.isfinite(corners).all():
        return None
    left, top = corners.min(axis=0).tolist()
    right, bottom = corners.max(axis=0).tolist()
    return (
        left - _SEARCH_WINDOWS[0],
        top - _SEARCH_WINDOWS[0],
        right + _SEARCH_WINDOWS[0],
        bottom + _SEARCH_WINDOWS[0],
    )


def _fit_robustly(
    points: NDArray[np.float64], targets: NDArray[np.float64]
) -> tuple[Transform, int] | None:
    """Fit a transform to matches `(n, 2)` with many outliers.

    Returns:
        A scale and shift per axis where that explains nearly as many matches as the homography,
        which otherwise is returned, and the number of inliers; None with too few inliers.
    """
    if len(points) < _MIN_INLIERS:
        return None
    # MAGSAC++ (Barath et al. 2020) needs no exact noise level: drawings also move by themselves.
    homography, _ = cv2.findHomography(
        points,
        targets,
        cv2.USAC_MAGSAC,
        _TOLERANCE,
        maxIters=_MAX_ITERATIONS,
        confidence=_RANSAC_CONFIDENCE,
    )
    if homography is None or not is_plausible_transform(homography):
        return None
    inliers = _find_inliers(homography, points, targets)
    if inliers.sum() < _MIN_INLIERS:
        return None
    scaling = fit_scale_translation(points[inliers], targets[inliers])
    scaling_inliers = _find_inliers(scaling, points, targets)
    if scaling_inliers.sum() >= _MIN_INLIERS:
        scaling = fit_scale_translation(points[scaling_inliers], targets[scaling_inliers])
        scaling_inliers = _find_inliers(scaling, points, targets)
    if (
        is_plausible_transform(scaling)
        and scaling_inliers.sum() >= _SCALE_ONLY_SHARE * inliers.sum()
    ):
        return scaling, int(scaling_inliers.sum())
    return np.asarray(homography, np.float64), int(inliers.sum())


def _find_mutual_matches(
    query: LocalFeatures,
    reference: LocalFeatures,
    similarities: NDArray[np.float32],
    transform: Transform,
    window: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mutual nearest neighbours within the search window.

    Args:
        query: features of the query, n of them.
        reference: features of the reference frame, m of them.
        similarities: `(n, m)`, cosines of the descriptors.
        transform: an approximate transform of the query.
        window: distance from the expected position, per axis, in widths of the reference frame.

    Returns:
        Points of the query and their targets, `(matches, 2)` each.
    """
    with np.errstate(all="ignore"):
        expected = transform_points(transform, query.points).astype(np.float32)
        scale = float(np.sqrt(abs(np.linalg.det(transform[:2, :2]))))
    inside = (expected > -window) & (expected < (1 + window, reference.aspect + window))
    rows = np.flatnonzero(inside.all(axis=1))
    if not len(rows) or not scale > 0:
        return np.empty((0, 2)), np.empty((0, 2))
    octaves = np.log2(query.sizes[rows] * np.float32(scale))
    off = _differ_by(octaves, np.log2(reference.sizes), _MAX_OCTAVE_DIFFERENCE)
    for axis in (0, 1):
        off |= _differ_by(expected[rows, axis], reference.points[:, axis], window)
    candidates = np.where(off, np.float32(0), similarities[rows])
    column = candidates.argmax(axis=1)
    row = np.arange(len(rows))
    best = (candidates.argmax(axis=0)[column] == row) & (candidates[row, column] > _MIN_SIMILARITY)
    return (
        query.points[rows[best]].astype(np.float64),
        reference.points[column[best]].astype(np.float64),
    )


def _differ_by(
    ones: NDArray[np.float32], others: NDArray[np.float32], threshold: float
) -> NDArray[np.bool_]:
    """Return `(n, m)`: which of n values differ from which of m by at least a threshold."""
    differences = np.subtract.outer(ones, others)
    return np.abs(differences, out=differences) >= threshold


def _find_inliers(
    transform: Transform, points: NDArray[np.float64], targets: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which matches `(n, 2)` a transform fits: `(n,)`."""
    errors = np.abs(transform_points(transform, points) - targets).max(axis=1)
    inliers: NDArray[np.bool_] = errors < _TOLERANCE
    return inliers

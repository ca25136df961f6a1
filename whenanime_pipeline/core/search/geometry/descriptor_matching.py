"""Matches a query's descriptors with those of one candidate reference frame.

Words and codes find a key frame among a million, but lose most pairs; the descriptors themselves,
of more features, each compared only with what lies near the place where it is expected, give ten
times as many. These tell the transform to the pixel, and whether there is one at all.
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
"""Share of a homography's pairs that a mere stretch must fit to be preferred: most screenshots are
cropped and scaled, only photos are seen from an angle, and what is free to bend bends with every
error."""
_MAX_ITERATIONS = 500
_RANSAC_CONFIDENCE = 0.999


def match_descriptors(
    query: LocalFeatures, reference: LocalFeatures, initial: Transform
) -> tuple[Transform, int] | None:
    """Estimate the transform of a query onto a reference frame.

    Args:
        query: features of the screenshot, or of its mirror image.
        reference: features of the stored frame.
        initial: where the screenshot lies, about.

    Returns:
        The transform, and how many pairs it fits; None when too few agree.
    """
    if not len(query) or not len(reference):
        return None
    alike = query.descriptors @ reference.descriptors.T
    found: tuple[Transform, int] | None = None
    for near in _SEARCH_WINDOWS:
        expected = initial if found is None else found[0]
        closer = _fit_robustly(*_find_mutual_matches(query, reference, alike, expected, near))
        if closer is None or (found is not None and closer[1] < found[1]):
            break
        found = closer
    return found


def compute_search_window(
    initial: Transform, aspect: float
) -> tuple[float, float, float, float] | None:
    """Return the box of a reference frame in which matches can lie: left, top, right, bottom.

    Args:
        initial: where the screenshot lies, about.
        aspect: the screenshot's height, in its widths.

    Returns:
        The part in widths of the stored frame, also beyond it; None: anywhere.
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
    """Fit a transform to matches with many outliers; None where too few agree."""
    if len(points) < _MIN_INLIERS:
        return None
    # Marginalising over the noise (MAGSAC++, Barath et al. 2020): drawings move by themselves.
    bent, _ = cv2.findHomography(
        points,
        targets,
        cv2.USAC_MAGSAC,
        _TOLERANCE,
        maxIters=_MAX_ITERATIONS,
        confidence=_RANSAC_CONFIDENCE,
    )
    if bent is None or not is_plausible_transform(bent):
        return None
    fits = _find_inliers(bent, points, targets)
    if fits.sum() < _MIN_INLIERS:
        return None
    flat = fit_scale_translation(points[fits], targets[fits])
    held = _find_inliers(flat, points, targets)
    if held.sum() >= _MIN_INLIERS:
        flat = fit_scale_translation(points[held], targets[held])
        held = _find_inliers(flat, points, targets)
    if is_plausible_transform(flat) and held.sum() >= _SCALE_ONLY_SHARE * fits.sum():
        return flat, int(held.sum())
    return np.asarray(bent, np.float64), int(fits.sum())


def _find_mutual_matches(
    own: LocalFeatures,
    stored: LocalFeatures,
    alike: NDArray[np.float32],
    rough: Transform,
    near: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mutual nearest neighbours within the search window."""
    with np.errstate(all="ignore"):
        expected = transform_points(rough, own.points).astype(np.float32)
        scale = float(np.sqrt(abs(np.linalg.det(rough[:2, :2]))))
    inside = (expected > -near) & (expected < (1 + near, stored.aspect + near))
    rows = np.flatnonzero(inside.all(axis=1))
    if not len(rows) or not scale > 0:
        return np.empty((0, 2)), np.empty((0, 2))
    octaves = np.log2(own.sizes[rows] * np.float32(scale))
    off = _differ_by(octaves, np.log2(stored.sizes), _MAX_OCTAVE_DIFFERENCE)
    for axis in (0, 1):
        off |= _differ_by(expected[rows, axis], stored.points[:, axis], near)
    there = np.where(off, np.float32(0), alike[rows])
    column = there.argmax(axis=1)
    row = np.arange(len(rows))
    best = (there.argmax(axis=0)[column] == row) & (there[row, column] > _MIN_SIMILARITY)
    return (
        own.points[rows[best]].astype(np.float64),
        stored.points[column[best]].astype(np.float64),
    )


def _differ_by(
    ones: NDArray[np.float32], others: NDArray[np.float32], least: float
) -> NDArray[np.bool_]:
    """Return which pairs differ by at least so much: `(ones, others)`."""
    differences = np.subtract.outer(ones, others)
    return np.abs(differences, out=differences) >= least


def _find_inliers(
    transform: Transform, points: NDArray[np.float64], targets: NDArray[np.float64]
) -> NDArray[np.bool_]:
    off = np.abs(transform_points(transform, points) - targets).max(axis=1)
    fits: NDArray[np.bool_] = off < _TOLERANCE
    return fits

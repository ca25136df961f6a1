"""A screenshot's features against those of one stored frame on which it is thought to lie.

Words and codes find a key frame among a million, but lose most pairs; the descriptors themselves,
of more features, each compared only with what lies near the place where it is expected, give ten
times as many. These tell the placement to the pixel, and whether there is one at all.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.placement import Placement, placed, sane, stretched
from whenanime_pipeline.core.search.local.features import LocalFeatures

_NEAR = 0.1
"""Widths of the stored frame by which a pair may lie off the rough placement."""
_OCTAVES = 1.0
"""Octaves by which the sizes of a pair may be off it."""
_ALIKE = 0.7
"""Scalar product of two descriptors of unit length from which on they may be of one patch."""
_TOLERANCE = 0.012
"""Widths by which a pair may lie off the placement that is found."""
_LEAST = 6
"""Pairs without which nothing is believed; chance alone gives four of a homography's."""
_FLAT = 0.85
"""Share of a homography's pairs that a mere stretch must fit to be preferred: most screenshots are
cropped and scaled, only photos are seen from an angle, and what is free to bend bends with every
error."""
_ROUNDS = 500
_SURE = 0.999


def matched(
    own: LocalFeatures, stored: LocalFeatures, rough: Placement
) -> tuple[Placement, int] | None:
    """Find the placement of a screenshot on a stored frame.

    Args:
        own: features of the screenshot, or of its mirror image.
        stored: features of the stored frame.
        rough: where the screenshot lies, about.

    Returns:
        The placement, and how many pairs it fits; None when too few agree.
    """
    points, targets = _pairs(own, stored, rough)
    if len(points) < _LEAST:
        return None
    # Marginalising over the noise (MAGSAC++, Barath et al. 2020): drawings move by themselves.
    bent, _ = cv2.findHomography(
        points, targets, cv2.USAC_MAGSAC, _TOLERANCE, maxIters=_ROUNDS, confidence=_SURE
    )
    if bent is None or not sane(bent):
        return None
    fits = _fits(bent, points, targets)
    if fits.sum() < _LEAST:
        return None
    flat = stretched(points[fits], targets[fits])
    held = _fits(flat, points, targets)
    if held.sum() >= _LEAST:
        flat = stretched(points[held], targets[held])
        held = _fits(flat, points, targets)
    if sane(flat) and held.sum() >= _FLAT * fits.sum():
        return flat, int(held.sum())
    return np.asarray(bent, np.float64), int(fits.sum())


def _pairs(
    own: LocalFeatures, stored: LocalFeatures, rough: Placement
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the places of features that are each other's most alike near where they should be."""
    with np.errstate(all="ignore"):
        expected = placed(rough, own.points).astype(np.float32)
        scale = float(np.sqrt(abs(np.linalg.det(rough[:2, :2]))))
    inside = (expected > -_NEAR) & (expected < (1 + _NEAR, stored.aspect + _NEAR))
    rows = np.flatnonzero(inside.all(axis=1))
    none = np.empty((0, 2))
    if not len(rows) or not len(stored) or not scale > 0:
        return none, none
    alike = own.descriptors[rows] @ stored.descriptors.T
    octaves = np.log2(own.sizes[rows] * scale)[:, None] - np.log2(stored.sizes)
    off = np.abs(octaves) >= _OCTAVES
    for axis in (0, 1):
        off |= np.abs(expected[rows, axis, None] - stored.points[:, axis]) >= _NEAR
    alike[off] = 0.0
    column = alike.argmax(axis=1)
    row = np.arange(len(rows))
    best = (alike.argmax(axis=0)[column] == row) & (alike[row, column] > _ALIKE)
    return (
        own.points[rows[best]].astype(np.float64),
        stored.points[column[best]].astype(np.float64),
    )


def _fits(
    placement: Placement, points: NDArray[np.float64], targets: NDArray[np.float64]
) -> NDArray[np.bool_]:
    off = np.abs(placed(placement, points) - targets).max(axis=1)
    fits: NDArray[np.bool_] = off < _TOLERANCE
    return fits

"""Refines an approximate transform on the pixels of both pictures.

The method is ECC (Evangelidis and Psarakis 2008: Parametric Image Alignment Using Enhanced
Correlation Coefficient Maximization), as OpenCV has it; it is invariant to gain and bias.
"""

import cv2
import numpy as np

from whenanime_pipeline.core.search.geometry.transform import Transform, is_plausible_transform
from whenanime_pipeline.core.search.geometry.warping import Gray

_MAX_WIDTH = 128
"""Width to which a query is downscaled for alignment, in pixels. Of 421 crops, 112 pixels lost one
that 128 could distinguish from neighbouring frames; 160 gained none."""
_MAX_ITERATIONS, _EPSILON = 15, 1e-3
"""Most iterations, and the increase of the correlation below which they stop."""
_BLUR = 5
"""Side of the Gaussian filter, in pixels; it widens the basin of convergence."""
_DOWNSCALE_ABOVE = 1.25
"""Reference pixels per query pixel above which the reference is downscaled first."""
_MIN_PERSPECTIVE = 1e-3
"""Perspective foreshortening above which a transform is treated as a homography."""


def refine_transform(query: Gray, reference: Gray, initial: Transform) -> Transform | None:
    """Refine a transform of a query onto a reference frame. Affine inputs stay affine.

    Args:
        query: `(height, width)`, gray levels; gain and bias may differ from the reference frame's.
        reference: `(height, width)`, gray levels.
        initial: the transform, off by about 0.02 of the query's width at most.

    Returns:
        The refined transform; None if ECC does not converge or the result is not plausible.
    """
    if not is_plausible_transform(initial):
        return None
    query = downscale_to_width(query, _MAX_WIDTH)
    width = query.shape[1]
    scale = np.sqrt(np.linalg.det(initial[:2, :2])) * reference.shape[1] / width
    if scale > _DOWNSCALE_ABOVE:
        reference = downscale_to_width(reference, round(reference.shape[1] / scale))
    query_to_pixels, reference_to_pixels = _to_pixels(width), _to_pixels(reference.shape[1])
    start = reference_to_pixels @ initial @ np.linalg.inv(query_to_pixels)
    start = (start / start[2, 2]).astype(np.float32)
    is_homography = float(np.abs(start[2, :2]).max()) * width > _MIN_PERSPECTIVE
    motion = cv2.MOTION_HOMOGRAPHY if is_homography else cv2.MOTION_AFFINE
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _MAX_ITERATIONS, _EPSILON)
    warp = start if is_homography else np.ascontiguousarray(start[:2])
    try:
        _, found = cv2.findTransformECC(query, reference, warp, motion, criteria, None, _BLUR)
    except cv2.error:  # raised where it does not converge
        return None
    refined = found if is_homography else np.vstack([found, [0, 0, 1]])
    transform: Transform = np.linalg.inv(reference_to_pixels) @ refined @ query_to_pixels
    return transform if np.isfinite(transform).all() and is_plausible_transform(transform) else None


def downscale_to_width(picture: Gray, width: int) -> Gray:
    """Downscale a picture `(height, width)` to a width in pixels; never enlarges it."""
    scale = min(1.0, max(1, width) / picture.shape[1])
    size = tuple(max(1, round(side * scale)) for side in picture.shape[::-1])
    smaller: Gray = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return smaller


def _to_pixels(width: int) -> Transform:
    """Return the map from picture widths to pixel indices; pixel 0's centre is at 0.5 pixels."""
    return np.array([[width, 0, -0.5], [0, width, -0.5], [0, 0, 1.0]])

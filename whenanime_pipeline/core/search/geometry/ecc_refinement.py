"""Refines an approximate transform by the pixels of both pictures (ECC)."""

import cv2
import numpy as np

from whenanime_pipeline.core.search.geometry.transform import Transform, is_plausible_transform
from whenanime_pipeline.core.search.geometry.warping import Gray

_MAX_WIDTH = 128
"""Pixels of a screenshot's width at which it is aligned, at most: at 112 one of 421 crops less was
distinguished from its neighbours, at 160 none more."""
_ROUNDS, _EPSILON = 15, 1e-3
"""Iterations at most, and the gain below which they stop."""
_BLUR = 5
"""Pixels of the Gaussian filter that widens convergence."""
_DOWNSCALE_ABOVE = 1.25
"""Reference pixels per query pixel above which the reference is downscaled first."""
_MIN_PERSPECTIVE = 1e-3
"""Perspective foreshortening above which a transform is treated as a homography."""


def refine_transform(query: Gray, reference: Gray, initial: Transform) -> Transform | None:
    """Align a query with a reference frame by the enhanced correlation coefficient.

    Light and contrast may differ (Evangelidis, Psarakis: Parametric Image Alignment Using Enhanced
    Correlation Coefficient Maximization, 2008). What is not seen at an angle is given none.

    Args:
        query: `(height, width)`.
        reference: `(height, width)`.
        initial: where the screenshot lies, to some two hundredths of its width.

    Returns:
        The transform; None where there is nothing to hold on to.
    """
    if not is_plausible_transform(initial):
        return None
    query = downscale_to_width(query, _MAX_WIDTH)
    width = query.shape[1]
    scale = np.sqrt(np.linalg.det(initial[:2, :2])) * reference.shape[1] / width
    if scale > _DOWNSCALE_ABOVE:
        reference = downscale_to_width(reference, round(reference.shape[1] / scale))
    to_asked, to_stored = _to_pixels(width), _to_pixels(reference.shape[1])
    start = to_stored @ initial @ np.linalg.inv(to_asked)
    start = (start / start[2, 2]).astype(np.float32)
    bent = float(np.abs(start[2, :2]).max()) * width > _MIN_PERSPECTIVE
    motion = cv2.MOTION_HOMOGRAPHY if bent else cv2.MOTION_AFFINE
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _ROUNDS, _EPSILON)
    warp = start if bent else np.ascontiguousarray(start[:2])
    try:
        _, found = cv2.findTransformECC(query, reference, warp, motion, until, None, _BLUR)
    except cv2.error:  # it says so when it does not converge
        return None
    moved = found if bent else np.vstack([found, [0, 0, 1]])
    transform: Transform = np.linalg.inv(to_stored) @ moved @ to_asked
    return transform if np.isfinite(transform).all() and is_plausible_transform(transform) else None


def downscale_to_width(picture: Gray, width: int) -> Gray:
    """Downscale a picture `(height, width)` to at most so many pixels of width."""
    scale = min(1.0, max(1, width) / picture.shape[1])
    size = tuple(max(1, round(side * scale)) for side in picture.shape[::-1])
    smaller: Gray = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return smaller


def _to_pixels(width: int) -> Transform:
    """Return the map from picture widths to pixels, whose centres are half a pixel in."""
    return np.array([[width, 0, -0.5], [0, width, -0.5], [0, 0, 1.0]])

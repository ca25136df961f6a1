"""Compares a query with a reference frame under a transform, pixel by pixel.

Filters and photographed screens change tones, so gain and bias are fitted first. Captions, stickers
and player controls cover parts of a query, so the residual is robust: it grows with the logarithm
of the squared difference.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.overlap import Overlap
from whenanime_pipeline.core.search.geometry.tone_fit import fit_gain_bias
from whenanime_pipeline.core.search.geometry.transform import Transform
from whenanime_pipeline.core.search.geometry.warping import Gray, to_pixel_transform, warp_frame
from whenanime_pipeline.core.search.geometry.windowed_correlation import (
    compute_windowed_correlation,
)

__all__ = ["NO_OVERLAP", "Gray", "PixelComparison", "ScaledQuery"]

_NON_OVERLAP_WEIGHT = 4.0
"""Weight of `non_overlap` in the cost."""
_CORRELATION_WEIGHT = 4.0
"""Weight of the windowed correlation in the cost: under glare, the right frame's residual can be as
large as a wrong one's."""
_PHOTOMETRIC_WEIGHT = 0.1
"""Weight of the photometric penalty in the cost: small, as filters change tones, but enough to
choose the frame of a fade whose tones are closest."""
_MIN_PIXELS = 48
"""Fewest overlapping pixels of a comparison."""
_DOWNSCALE_ABOVE = 1.25
"""Reference pixels per query pixel above which the reference is downscaled first."""
_AREA_RATIO_RANGE = (0.0004, 2500.0)
"""Plausible reference pixels per query pixel (the transform's determinant, negative where it
reverses orientation)."""


@dataclass(frozen=True, slots=True)
class PixelComparison:
    """Result of a comparison.

    Attributes:
        residual: mean of log(1 + (difference / typical)²) after the gain/bias fit (Cauchy loss);
            0 for equal pictures, infinite without overlap.
        correlation: correlation of the pixels, weighted by how well they fit, -1 to 1.
        query_coverage: share of the query that lies on the reference frame, 0 to 1.
        reference_coverage: share of the reference frame that the query shows, 0 to 1.
        contrast: standard deviation of the flatter side, in gray levels.
        windowed_correlation: mean correlation within small windows, -1 to 1.
        photometric_penalty: log(1 + (change / typical)²) of the fitted change of tones.
    """

    residual: float
    correlation: float
    query_coverage: float
    reference_coverage: float
    contrast: float
    windowed_correlation: float
    photometric_penalty: float

    @property
    def non_overlap(self) -> float:
        """Share of query and frame that does not overlap, 0 to 1.

        The smaller of both shares: a crop lies inside its frame, and a frame inside its letterbox
        or player; a query that only half overlaps a frame is the work of a wrong transform.
        """
        return min(1 - self.query_coverage, 1 - self.reference_coverage)

    @property
    def cost(self) -> float:
        """Cost by which frames are ranked, lower is better.

        Non-overlap is part of it because scrolling credits and panning cameras show the same
        picture elsewhere a moment later, where it fits as well.
        """
        return (
            self.residual
            + _NON_OVERLAP_WEIGHT * self.non_overlap
            - _CORRELATION_WEIGHT * self.windowed_correlation
            + _PHOTOMETRIC_WEIGHT * self.photometric_penalty
        )


NO_OVERLAP = PixelComparison(np.inf, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""The comparison of pictures that do not overlap."""


class ScaledQuery:
    """A query at the size at which it is compared."""

    def __init__(self, gray: Gray, long_side: int) -> None:
        """Downscale a query.

        Args:
            gray: `(height, width)`, gray levels.
            long_side: its longer side after downscaling, in pixels.
        """
        height, width = gray.shape
        scale = min(1.0, long_side / max(height, width))
        size = max(8, round(width * scale)), max(8, round(height * scale))
        self.gray: Gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        self.pixels: NDArray[np.float32] = self.gray.astype(np.float32)

    def compare(self, reference: Gray, transform: Transform) -> PixelComparison:
        """Compare with a reference frame.

        Args:
            reference: `(height, width)`, gray levels.
            transform: transform of the query onto it.

        Returns:
            The comparison; `NO_OVERLAP` if fewer than 48 pixels overlap or the scale is not
            plausible.
        """
        height, width = self.pixels.shape
        warp = to_pixel_transform(transform, width, reference.shape[1])
        area = 0.0 if warp is None else warp[0][0] * warp[1][1] - warp[0][1] * warp[1][0]
        if not _AREA_RATIO_RANGE[0] < area < _AREA_RATIO_RANGE[1]:
            return NO_OVERLAP
        whole, scale = reference.size, area**0.5
        if scale > _DOWNSCALE_ABOVE:
            # Downscaled like the query, so that both are equally sharp and do not alias.
            size = tuple(max(1, round(side / scale)) for side in reference.shape[::-1])
            reference = cv2.resize(reference, size, interpolation=cv2.INTER_AREA)
            warp = to_pixel_transform(transform, width, reference.shape[1])
        warped = None if warp is None else warp_frame(reference, warp, (width, height))
        if warped is None or warped.pixel_count < _MIN_PIXELS:
            return NO_OVERLAP
        own = self.pixels[warped.rows, warped.columns]
        layers = Overlap.from_images(own, warped.pixels, warped.valid_mask)
        tones = fit_gain_bias(layers)
        return PixelComparison(
            residual=tones.residual,
            correlation=tones.correlation,
            query_coverage=warped.pixel_count / self.pixels.size,
            reference_coverage=min(1.0, warped.pixel_count * area / whole),
            contrast=tones.contrast,
            windowed_correlation=compute_windowed_correlation(layers),
            photometric_penalty=tones.photometric_penalty,
        )

"""Compares a query with a reference frame under a transform, pixel by pixel.

Captions, stickers and players cover parts of a screenshot, and screens and filters change its
tones: so tones are fitted, and what fits nowhere counts little and not more the worse it is.
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
"""Cost, as residual, of no overlap at all."""
_CORRELATION_WEIGHT = 4.0
"""Weight of windowed correlation: glare may cost as much residual as a wrong picture."""
_PHOTOMETRIC_WEIGHT = 0.1
"""What it costs to change tones as much as differences are counted: filters do, but a moment of a
fade that needs less of it is the likelier one."""
_MIN_PIXELS = 48
"""Fewest overlapping pixels of a comparison."""
_DOWNSCALE_ABOVE = 1.25
"""Reference pixels per query pixel above which the reference is downscaled first."""
_AREA_RATIO_RANGE = (0.0004, 2500.0)
"""Stored pixels to one of the canvas beyond which a transform is nonsense; below 0 it is turned
over."""


@dataclass(frozen=True, slots=True)
class PixelComparison:
    """Result of a comparison.

    Attributes:
        residual: mean of log(1 + (difference / typical)²): 0 for equal pictures; falls by less
            than the square, so that covered parts do not decide.
        correlation: of the parts that agree, -1 to 1.
        query_coverage: share of the screenshot that lies on the reference frame.
        reference_coverage: share of the reference frame that the screenshot shows.
        contrast: gray levels of deviation of what is compared, on the flatter side.
        windowed_correlation: correlation within small windows, -1 to 1, insensitive to light.
        photometric_penalty: log(1 + (change / typical)²) of the change of tones that it took.
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

        A crop lies inside of its frame, and a frame inside of its caption; nobody's screenshot is
        a frame pushed half out of itself.
        """
        return min(1 - self.query_coverage, 1 - self.reference_coverage)

    @property
    def cost(self) -> float:
        """Cost of a frame: the least is best.

        Credits that scroll and cameras that pan show the same picture somewhere else a moment
        later.
        """
        return (
            self.residual
            + _NON_OVERLAP_WEIGHT * self.non_overlap
            - _CORRELATION_WEIGHT * self.windowed_correlation
            + _PHOTOMETRIC_WEIGHT * self.photometric_penalty
        )


NO_OVERLAP = PixelComparison(np.inf, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""No overlap."""


class ScaledQuery:
    """A query at the size at which it is compared."""

    def __init__(self, gray: Gray, long_side: int) -> None:
        """Scale a query.

        Args:
            gray: `(height, width)`.
            long_side: pixels of the canvas's longer side.
        """
        height, width = gray.shape
        scale = min(1.0, long_side / max(height, width))
        size = max(8, round(width * scale)), max(8, round(height * scale))
        self.gray: Gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        self.pixels: NDArray[np.float32] = self.gray.astype(np.float32)

    def compare(self, reference: Gray, transform: Transform) -> PixelComparison:
        """Compare with a reference frame.

        Args:
            reference: `(height, width)`.
            transform: of the screenshot on it.
        """
        height, width = self.pixels.shape
        warp = to_pixel_transform(transform, width, reference.shape[1])
        area = 0.0 if warp is None else warp[0][0] * warp[1][1] - warp[0][1] * warp[1][0]
        if (
            not _AREA_RATIO_RANGE[0] < area < _AREA_RATIO_RANGE[1]
        ):  # stored pixels to one of the canvas
            return NO_OVERLAP
        whole, scale = reference.size, area**0.5
        if scale > _DOWNSCALE_ABOVE:
            # Scaled down as the screenshot was, so that both are equally sharp.
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

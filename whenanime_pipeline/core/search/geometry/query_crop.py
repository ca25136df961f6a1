"""The part of a query that shows a frame, at the two sizes at which it is compared.

A photographed screen or a chat shows much else. Without that, more pixels of the frame are left at
the small sizes at which it is compared.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from whenanime_pipeline.core.search.geometry.ecc_refinement import refine_transform
from whenanime_pipeline.core.search.geometry.hypotheses import PoseHypothesis
from whenanime_pipeline.core.search.geometry.pixel_comparison import (
    Gray,
    PixelComparison,
    ScaledQuery,
)
from whenanime_pipeline.core.search.geometry.transform import Transform, transform_points

COARSE_SIDE, FINE_SIDE = 64, 160
"""Longer side of the query, in pixels, to compare all frames of a segment, and then the best."""
_WHOLE_QUERY_SHARE = 0.7
"""Share of the query's area above which the whole query is compared instead of a crop."""
_MARGIN = 0.1
"""Margin of the crop, as a share of the frame's sides: other hypotheses differ a little."""
_FRAME_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.75], [0.0, 0.75]])
"""Corners of a 4:3 reference frame; wider ones lie inside it."""
_MIN_SIDE = 12
"""Shortest side of a query crop that is compared, in pixels."""


@dataclass(frozen=True, slots=True)
class QueryCrop:
    """A part of a query, at both sizes of comparison.

    Attributes:
        coarse, fine: the part at the small and at the large size.
        crop_to_query: maps positions in the part, in its widths, to positions in the query.
        area_share: its share of the query's area.
    """

    coarse: ScaledQuery
    fine: ScaledQuery
    crop_to_query: Transform
    area_share: float

    @classmethod
    def from_gray(cls, part: Gray, crop_to_query: Transform, area_share: float) -> Self:
        """Scale a part of a query to both sizes.

        Args:
            part: `(height, width)`, gray levels.
            crop_to_query: see the attributes.
            area_share: see the attributes.
        """
        return cls(
            ScaledQuery(part, COARSE_SIDE), ScaledQuery(part, FINE_SIDE), crop_to_query, area_share
        )

    def compare_coarse(self, reference: Gray, hypothesis: PoseHypothesis) -> PixelComparison:
        """Compare with a reference frame `(height, width)` at the small size."""
        return self._compare(self.coarse, reference, hypothesis)

    def compare_fine(self, reference: Gray, hypothesis: PoseHypothesis) -> PixelComparison:
        """Compare with a reference frame `(height, width)` at the large size."""
        return self._compare(self.fine, reference, hypothesis)

    def refine_transform(self, reference: Gray, hypothesis: PoseHypothesis) -> Transform | None:
        """Refine a hypothesis' transform on a reference frame by ECC.

        Returns:
            Transform of the whole query; None if ECC does not converge or yields nothing plausible.
        """
        transform = refine_transform(
            self.fine.gray, reference, hypothesis.transform @ self.crop_to_query
        )
        return None if transform is None else transform @ np.linalg.inv(self.crop_to_query)

    def _compare(
        self, query: ScaledQuery, reference: Gray, hypothesis: PoseHypothesis
    ) -> PixelComparison:
        """Compare at one of the sizes, with the coverage relative to the whole query."""
        comparison = query.compare(reference, hypothesis.transform @ self.crop_to_query)
        return replace(comparison, query_coverage=comparison.query_coverage * self.area_share)


def crop_to_frame(gray: Gray, transform: Transform) -> QueryCrop | None:
    """Crop a query to the frame under a transform, with a margin.

    Args:
        gray: query, `(height, width)`, gray levels.
        transform: maps positions in the query, in its widths, to positions in the frame, in
            the frame's widths.

    Returns:
        The part; None where it is nearly the whole query, or too small to compare.
    """
    height, width = gray.shape
    with np.errstate(all="ignore"):
        back = np.asarray(np.linalg.pinv(transform), np.float64)
        corners = transform_points(back, _FRAME_CORNERS) * width
    if not np.isfinite(corners).all():
        return None
    margin = _MARGIN * (corners.max(axis=0) - corners.min(axis=0))
    low, high = corners.min(axis=0) - margin, corners.max(axis=0) + margin
    left, top = np.clip(np.floor(low), 0, (width, height)).astype(int).tolist()
    right, bottom = np.clip(np.ceil(high), 0, (width, height)).astype(int).tolist()
    share = (right - left) * (bottom - top) / gray.size
    if share > _WHOLE_QUERY_SHARE or min(right - left, bottom - top) < _MIN_SIDE:
        return None
    inside = gray[top:bottom, left:right]
    zoom = np.array([[right - left, 0, left], [0, right - left, top], [0, 0, width]]) / width
    return QueryCrop.from_gray(inside, zoom, share)

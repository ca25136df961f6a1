"""Locates a crop in a reference frame by template matching at several scales.

Foggy, dark or blurred crops have too few local features. The embedding still retrieves their
frames; template matching then estimates the transform.
"""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.ecc_refinement import (
    downscale_to_width,
    refine_transform,
)
from whenanime_pipeline.core.search.geometry.transform import Transform
from whenanime_pipeline.core.search.geometry.warping import Gray

_COARSE, _FINE = 64, 96
"""Width of a reference frame in template matching, and of the query in the ECC refinement after it,
in pixels."""
_TEMPLATE_WIDTHS = tuple(0.9**step for step in range(1, 12))
"""Template widths in frame widths: from 0.90 to 0.31, which is a tenth of the area."""
_MIN_SIDE = 8
"""Shortest side of a template, in pixels."""
_MIN_CORRELATION = 0.5
"""Lowest correlation of a match."""
_NOISE_DEVIATION = 2.0
"""Standard deviation of noise, in gray levels; regularises the correlation of flat areas."""


@dataclass(frozen=True, slots=True)
class Template:
    """A query that may be a crop of a frame, in two sizes.

    Attributes:
        coarse: `(height, width)`, gray levels, at most 64 pixels wide: for template matching.
        fine: the same at most 96 pixels wide: for ECC refinement.
    """

    coarse: Gray
    fine: Gray

    @classmethod
    def from_gray(cls, gray: Gray) -> Self:
        """Downscale a picture `(height, width)` of gray levels."""
        return cls(downscale_to_width(gray, _COARSE), downscale_to_width(gray, _FINE))

    def mirror(self) -> Self:
        """Return its mirror image."""
        coarse, fine = (np.ascontiguousarray(one[:, ::-1]) for one in (self.coarse, self.fine))
        return type(self)(coarse, fine)

    def locate_in(self, reference: Gray) -> Transform | None:
        """Locate it in a reference frame.

        Args:
            reference: `(height, width)`, gray levels.

        Returns:
            The transform, refined where ECC converges; None without a match of sufficient
            correlation.
        """
        rough = _match_template_scales(self.coarse, downscale_to_width(reference, _COARSE))
        if rough is None:
            return None
        exact = refine_transform(self.fine, reference, rough)
        return rough if exact is None else exact


def _match_template_scales(query: Gray, reference: Gray) -> Transform | None:
    """Return the transform with the highest correlation; None where all are too low."""
    rows, columns = reference.shape
    aspect = query.shape[0] / query.shape[1]
    frame = reference.astype(np.float32)
    best, highest = None, _MIN_CORRELATION
    for side in _TEMPLATE_WIDTHS:
        width, height = round(side * columns), round(side * columns * aspect)
        if not (_MIN_SIDE <= width <= columns and _MIN_SIDE <= height <= rows):
            continue
        template = cv2.resize(query, (width, height), interpolation=cv2.INTER_AREA)
        _, correlation, _, (left, top) = cv2.minMaxLoc(_correlate(template, frame))
        if correlation > highest:
            highest = correlation
            best = np.array([[width, 0, left], [0, width, top], [0, 0, columns]]) / columns
    return best


def _correlate(template: Gray, frame: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the correlation at each position, regularised against noise.

    OpenCV's `TM_CCOEFF_NORMED` is not, and amplifies the noise of black areas.

    Args:
        template: `(height, width)`, gray levels.
        frame: `(rows, columns)`, gray levels.

    Returns:
        `(rows - height + 1, columns - width + 1)`, -1 to 1.
    """
    (height, width), (rows, columns) = template.shape, frame.shape
    template_deviation = float(template.std())
    centred = template.astype(np.float32) - np.float32(template.mean())
    products = cv2.matchTemplate(frame, centred, cv2.TM_CCORR) / template.size
    means, squares = (
        cv2.boxFilter(values, -1, (width, height), anchor=(0, 0))
        for values in (frame, frame * frame)
    )
    deviation = np.sqrt(np.maximum(squares - means * means, 0))
    within = deviation[: rows - height + 1, : columns - width + 1]
    result: NDArray[np.float32] = products / (
        template_deviation * within + np.float32(_NOISE_DEVIATION**2)
    )
    return result

"""Template matching: finds a crop in a frame at several scales.

In fog, in the dark and in motion a crop shows hardly a patch; what it shows is where light and dark
lie. The embedding still knows which frames look alike; this says where on them.
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
"""Pixels of a reference frame's width in template matching, and of a template's width while it is
fitted."""
_TEMPLATE_WIDTHS = tuple(0.9**step for step in range(1, 12))
"""Template widths in frame widths: from 0.90 to 0.31, a tenth of the area."""
_MIN_SIDE = 8
"""Shortest side of a template, in pixels."""
_MIN_CORRELATION = 0.5
"""Lowest correlation of a match."""
_NOISE_DEVIATION = 2.0
"""Gray levels of deviation that are as much noise as drawing."""


@dataclass(frozen=True, slots=True)
class Template:
    """A picture that may be a crop of a frame, at the scales to match.

    Attributes:
        coarse, fine: gray levels.
    """

    coarse: Gray
    fine: Gray

    @classmethod
    def from_gray(cls, gray: Gray) -> Self:
        """Scale a picture `(height, width)`."""
        return cls(downscale_to_width(gray, _COARSE), downscale_to_width(gray, _FINE))

    def mirror(self) -> Self:
        """Return its mirror image."""
        coarse, fine = (np.ascontiguousarray(one[:, ::-1]) for one in (self.coarse, self.fine))
        return type(self)(coarse, fine)

    def locate_in(self, reference: Gray) -> Transform | None:
        """Locate it in a reference frame.

        Args:
            reference: `(height, width)`.

        Returns:
            The transform; None when it looks like no part of it.
        """
        rough = _match_template_scales(self.coarse, downscale_to_width(reference, _COARSE))
        if rough is None:
            return None
        exact = refine_transform(self.fine, reference, rough)
        return rough if exact is None else exact


def _match_template_scales(part: Gray, stored: Gray) -> Transform | None:
    rows, columns = stored.shape
    aspect = part.shape[0] / part.shape[1]
    below = stored.astype(np.float32)
    best, most = None, _MIN_CORRELATION
    for side in _TEMPLATE_WIDTHS:
        width, height = round(side * columns), round(side * columns * aspect)
        if not (_MIN_SIDE <= width <= columns and _MIN_SIDE <= height <= rows):
            continue
        own = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
        _, alike, _, (left, top) = cv2.minMaxLoc(_correlation(own, below))
        if alike > most:
            most = alike
            best = np.array([[width, 0, left], [0, width, top], [0, 0, columns]]) / columns
    return best


def _correlation(own: Gray, below: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the correlation at each place, less where a side shows little more than noise.

    OpenCV's own normalised correlation divides by the noise of what is black.
    """
    (height, width), (rows, columns) = own.shape, below.shape
    own_deviation = float(own.std())
    centred = own.astype(np.float32) - np.float32(own.mean())
    both = cv2.matchTemplate(below, centred, cv2.TM_CCORR) / own.size
    means, squares = (
        cv2.boxFilter(values, -1, (width, height), anchor=(0, 0))
        for values in (below, below * below)
    )
    deviation = np.sqrt(np.maximum(squares - means * means, 0))
    within = deviation[: rows - height + 1, : columns - width + 1]
    result: NDArray[np.float32] = both / (own_deviation * within + np.float32(_NOISE_DEVIATION**2))
    return result

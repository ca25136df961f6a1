"""Overlapping pixels of two pictures and their products, shared by all comparisons.

A query is compared with hundreds of pictures of a few thousand pixels, where the number of passes
over the pixels decides the time: each comparison is then a (weighted) sum over these planes.
"""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

TYPICAL_DIFFERENCE = 8.0
"""Gray levels by which two pictures of the same frame typically differ after the gain/bias fit."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Overlapping query and reference pixels, in units of the typical difference.

    Attributes:
        planes: `(6, height, width)`: the mask (1 valid, 0 not); query q and reference r, each less
            its mean over all pixels; and q², q·r, r². All are 0 outside the mask.
        means: the means that were subtracted from q and r.
        pixel_count: number of valid pixels.
    """

    planes: NDArray[np.float32]
    means: tuple[float, float]
    pixel_count: int

    @classmethod
    def from_images(
        cls,
        query: NDArray[np.float32],
        reference: NDArray[np.uint8],
        valid_mask: NDArray[np.uint8] | None,
    ) -> Self:
        """Build the overlap of two pictures.

        Args:
            query: `(height, width)`, gray levels.
            reference: `(height, width)`, gray levels.
            valid_mask: `(height, width)`, 1 where they are compared, 0 elsewhere; None: everywhere.
        """
        values = np.empty((6, *query.shape), np.float32)
        mask, own, other, own_squared, both_sided, other_squared = values
        mask[:] = 1 if valid_mask is None else valid_mask
        levels = []
        for layer, picture in ((own, query), (other, reference)):
            np.multiply(picture, np.float32(1 / TYPICAL_DIFFERENCE), out=layer)
            # Centred, as single precision loses small variances next to a large mean.
            levels.append(cv2.mean(layer)[0])
            layer -= levels[-1]
            if valid_mask is not None:
                layer *= mask
        np.multiply(own, own, out=own_squared)
        np.multiply(own, other, out=both_sided)
        np.multiply(other, other, out=other_squared)
        count = query.size if valid_mask is None else cv2.countNonZero(valid_mask)
        return cls(values, (levels[0], levels[1]), count)

"""How well a screenshot agrees with a stored picture under a placement, pixel by pixel.

Captions, stickers and players cover parts of a screenshot, and screens and filters change its
tones: so tones are fitted, and what fits nowhere counts little and not more the worse it is.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.overlap import Layers
from whenanime_pipeline.core.search.geometry.tone_fit import compared
from whenanime_pipeline.core.search.geometry.transform import Placement
from whenanime_pipeline.core.search.geometry.warping import Gray, in_pixels, overlay
from whenanime_pipeline.core.search.geometry.windowed_correlation import structure

__all__ = ["NOTHING", "Agreement", "Canvas", "Gray"]

_PUSHED = 4.0
"""Residual that it costs when all of the screenshot and all of the frame lie beside each other."""
_DRAWN = 4.0
"""What it is worth that all lines agree: glare may cost as much residual as another picture."""
_RETONED = 0.1
"""What it costs to change tones as much as differences are counted: filters do, but a moment of a
fade that needs less of it is the likelier one."""
_LEAST = 48
"""Pixels without which nothing is compared."""
_MUCH = 1.25
"""Pixels of the stored picture to one of the canvas from which on it is scaled down first."""
_AREAS = (0.0004, 2500.0)
"""Stored pixels to one of the canvas beyond which a placement is nonsense; below 0 it is turned
over."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a comparison came to.

    Attributes:
        residual: mean of log(1 + (difference / typical)²): 0 for equal pictures; falls by less
            than the square, so that covered parts do not decide.
        correlation: of the parts that agree, -1 to 1.
        covered: share of the screenshot that lies on the stored picture.
        seen: share of the stored picture that the screenshot shows.
        contrast: gray levels of deviation of what is compared, on the flatter side.
        structure: correlation within small windows, -1 to 1, whatever light falls on them.
        retoned: log(1 + (change / typical)²) of the change of tones that it took.
    """

    residual: float
    correlation: float
    covered: float
    seen: float
    contrast: float
    structure: float
    retoned: float

    @property
    def pushed_out(self) -> float:
        """Share by which the screenshot and the frame lie beside each other, 0 to 1.

        A crop lies inside of its frame, and a frame inside of its caption; nobody's screenshot is
        a frame pushed half out of itself.
        """
        return min(1 - self.covered, 1 - self.seen)

    @property
    def misfit(self) -> float:
        """What decides between moments: least is best.

        Credits that scroll and cameras that pan show the same picture somewhere else a moment
        later.
        """
        return (
            self.residual
            + _PUSHED * self.pushed_out
            - _DRAWN * self.structure
            + _RETONED * self.retoned
        )


NOTHING = Agreement(np.inf, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""Of a screenshot that does not lie on the picture."""


class Canvas:
    """A screenshot at the size at which it is compared."""

    def __init__(self, gray: Gray, side: int) -> None:
        """Scale a screenshot.

        Args:
            gray: `(height, width)`.
            side: pixels of the canvas's longer side.
        """
        height, width = gray.shape
        scale = min(1.0, side / max(height, width))
        size = max(8, round(width * scale)), max(8, round(height * scale))
        self.gray: Gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        self.pixels: NDArray[np.float32] = self.gray.astype(np.float32)

    def agreement(self, stored: Gray, placement: Placement) -> Agreement:
        """Compare with a stored picture.

        Args:
            stored: `(height, width)`.
            placement: of the screenshot on it.
        """
        height, width = self.pixels.shape
        warp = in_pixels(placement, width, stored.shape[1])
        area = 0.0 if warp is None else warp[0][0] * warp[1][1] - warp[0][1] * warp[1][0]
        if not _AREAS[0] < area < _AREAS[1]:  # stored pixels to one of the canvas
            return NOTHING
        whole, scale = stored.size, area**0.5
        if scale > _MUCH:
            # Scaled down as the screenshot was, so that both are equally sharp.
            size = tuple(max(1, round(side / scale)) for side in stored.shape[::-1])
            stored = cv2.resize(stored, size, interpolation=cv2.INTER_AREA)
            warp = in_pixels(placement, width, stored.shape[1])
        laid = None if warp is None else overlay(stored, warp, (width, height))
        if laid is None or laid.count < _LEAST:
            return NOTHING
        own = self.pixels[laid.rows, laid.columns]
        layers = Layers.of(own, laid.pixels, laid.inside)
        tones = compared(layers)
        return Agreement(
            residual=tones.residual,
            correlation=tones.correlation,
            covered=laid.count / self.pixels.size,
            seen=min(1.0, laid.count * area / whole),
            contrast=tones.contrast,
            structure=structure(layers),
            retoned=tones.retoned,
        )

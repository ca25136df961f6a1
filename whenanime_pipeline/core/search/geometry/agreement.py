"""How well a screenshot agrees with a stored picture under a placement, pixel by pixel.

Captions, stickers and players cover parts of a screenshot, and screens and filters change its
tones: so tones are fitted, and what fits nowhere counts little and not more the worse it is.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.placement import Placement

Gray = NDArray[np.uint8]

_TYPICAL = 8.0
"""Gray levels by which two pictures of one moment typically differ after fitting the tones."""
_PUSHED = 4.0
"""Residual that it costs when all of the screenshot and all of the frame lie beside each other."""
_ROUNDS = 3
_GAIN = (0.2, 4.0)
"""Contrasts between which a tone fit may choose."""
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
    """

    residual: float
    correlation: float
    covered: float
    seen: float
    contrast: float

    @property
    def misfit(self) -> float:
        """What decides between moments of one shot: least is best.

        Credits that scroll and cameras that pan show the same picture somewhere else a moment
        later. A crop lies inside of its frame, and a frame inside of its caption; nobody's
        screenshot is a frame pushed half out of itself.
        """
        return self.residual + _PUSHED * min(1 - self.covered, 1 - self.seen)


NOTHING = Agreement(np.inf, 0.0, 0.0, 0.0, 0.0)
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
        self.pixels: NDArray[np.float32] = cv2.resize(
            gray, size, interpolation=cv2.INTER_AREA
        ).astype(np.float32)

    def agreement(self, stored: Gray, placement: Placement) -> Agreement:
        """Compare with a stored picture.

        Args:
            stored: `(height, width)`.
            placement: of the screenshot on it.
        """
        height, width = self.pixels.shape
        warp = _in_pixels(placement, width, stored.shape[1])
        area = float(np.linalg.det(warp[:2, :2]))  # stored pixels to one of the canvas
        if not _AREAS[0] < area < _AREAS[1]:
            return NOTHING
        scale = np.sqrt(area)
        whole = stored.size
        if scale > _MUCH:
            # Scaled down as the screenshot was, so that both are equally sharp.
            size = tuple(max(1, round(side / scale)) for side in stored.shape[::-1])
            stored = cv2.resize(stored, size, interpolation=cv2.INTER_AREA)
            warp = _in_pixels(placement, width, stored.shape[1])
        warped, inside = (
            cv2.warpPerspective(source, warp, (width, height), flags=flags, borderMode=border)
            for source, flags, border in (
                (stored, cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE),
                (
                    np.ones_like(stored),
                    cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
                    cv2.BORDER_CONSTANT,
                ),
            )
        )
        inside = inside > 0
        count = int(inside.sum())
        if count < _LEAST:
            return NOTHING
        residual, correlation, contrast = _compared(
            self.pixels[inside], warped[inside].astype(np.float32)
        )
        return Agreement(
            residual=residual,
            correlation=correlation,
            covered=count / inside.size,
            seen=min(1.0, count * area / whole),
            contrast=contrast,
        )


def _in_pixels(placement: Placement, width: int, stored_width: int) -> Placement:
    """Return a placement between pixels, whose centres lie half a pixel in on both sides."""
    into = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, width]]) / width
    out = np.array([[stored_width, 0, -0.5], [0, stored_width, -0.5], [0, 0, 1]])
    result: Placement = out @ placement @ into
    result /= result[2, 2]
    return result


def _compared(
    asked: NDArray[np.float32], stored: NDArray[np.float32]
) -> tuple[float, float, float]:
    """Fit tones and compare: iteratively reweighted least squares with Cauchy's weights."""
    weights = np.ones(len(asked), np.float32)
    correlation = 0.0
    for _ in range(_ROUNDS):
        total = float(weights.sum())
        mean_asked = float(weights @ asked) / total
        mean_stored = float(weights @ stored) / total
        own, other = asked - mean_asked, stored - mean_stored
        both = float(weights @ (own * other)) / total
        of_asked = float(weights @ (own * own)) / total
        of_stored = float(weights @ (other * other)) / total
        correlation = both / np.sqrt(max(of_asked * of_stored, 1e-6))
        gain = min(max(both / max(of_stored, 1e-3), _GAIN[0]), _GAIN[1])
        off = np.square((own - gain * other) / _TYPICAL)
        weights = np.asarray(1 / (1 + off), np.float32)
    contrast = np.sqrt(max(0.0, min(of_asked, of_stored)))
    return float(np.log1p(off).mean()), float(correlation), float(contrast)

"""Chooses, of the first pictures of an animation or a clip, one that shows something.

Clips are cut where a scene fades in, so that their first pictures are black, white or nearly so.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

SMALL_SIZE = (64, 36)
"""Width and height at which contrast is measured: noise and grain are averaged away."""
_SHOWN = 4.0
"""Contrast in gray levels from which on a picture shows something, if only faintly."""
_CLEAR = 16.0
"""Contrast from which on no later picture is looked at, unless it still rises in a fade. Dark and
foggy scenes stay below it."""
_FADE_PICTURES = 72
"""Pictures looked at after the first that shows something: a fade of three seconds."""
_FADE_GROWTH = 1.015
"""Growth of the contrast from picture to picture by which a clear picture is still fading in."""
_FLAT_LINE = 3.0
"""Standard deviation, in levels, up to which a row or column is of one colour."""


def measure_contrast(picture: NDArray[np.uint8]) -> float:
    """Return how much a picture shows, in gray levels; 0 for one of one colour.

    This is the standard deviation inside any bars, reduced by the share that they take: bars make
    no picture of a white screen, nor does a broadcaster's logo of a black one.

    Args:
        picture: RGB, `(height, width, 3)`, of any size.
    """
    small = cv2.resize(picture, SMALL_SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    inside = _trim_flat_lines(_trim_flat_lines(small).swapaxes(0, 1))
    if not inside.size:
        return 0.0
    share = inside.size / small.size
    return float(inside.std(axis=(0, 1)).max() * np.sqrt(share))


class ShowingPicture:
    """Takes the contrasts of successive pictures and says which one to ask with.

    Attributes:
        is_decided: whether no further picture needs to be looked at.
    """

    def __init__(self) -> None:
        self.is_decided = False
        self._highest = -1.0
        self._after_shown = 0

    def prefers(self, contrast: float) -> bool:
        """Return whether the next picture is to be preferred to all before it.

        Args:
            contrast: the picture's, from `measure_contrast`.
        """
        first = self._highest < 0
        better = first or (contrast >= _SHOWN and contrast > self._highest)
        rising = not first and contrast > _FADE_GROWTH * self._highest
        if better:
            self._highest = contrast
        self._after_shown += self._highest >= _SHOWN
        self.is_decided = (
            self._highest >= _CLEAR and not rising
        ) or self._after_shown > _FADE_PICTURES
        return better


def _trim_flat_lines(lines: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `(n, m, 3)` without the first and last lines of one colour."""
    if not lines.size:
        return lines
    uneven = np.flatnonzero(lines.std(axis=1).max(axis=1) > _FLAT_LINE)
    return lines[uneven[0] : uneven[-1] + 1] if len(uneven) else lines[:0]

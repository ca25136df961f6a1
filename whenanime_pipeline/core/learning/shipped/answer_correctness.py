"""When an answer to a screenshot is right: what the calibration and the benchmarks go by."""

import numpy as np
from numpy.typing import NDArray

TIME_TOLERANCE = 1.0
"""Seconds by which a right answer may be off."""
SAME = 2.0
"""Gray levels of mean difference at 64×36 cells below which two pictures are one."""


def is_within_tolerance(second: float, start: float, end: float) -> bool:
    """Tell whether a second lies in a stretch, or close by."""
    return start - TIME_TOLERANCE <= second <= end + TIME_TOLERANCE


def difference(cells: NDArray[np.uint8], others: NDArray[np.uint8]) -> float:
    """Return the mean difference of two pictures' signatures, in gray levels."""
    return float(np.abs(cells.astype(np.int16) - others).mean())


def same_picture(cells: NDArray[np.uint8], others: NDArray[np.uint8]) -> bool:
    """Tell whether two signatures are of one picture, as far as they can tell."""
    return difference(cells, others) < SAME

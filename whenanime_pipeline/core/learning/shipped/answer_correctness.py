"""Decides whether an answer to a query is right, for the calibration and the benchmarks."""

TIME_TOLERANCE = 1.0
"""Seconds by which a right answer may be off."""


def is_within_tolerance(second: float, start: float, end: float) -> bool:
    """Return whether a second lies within `start` to `end`, widened by the tolerance."""
    return start - TIME_TOLERANCE <= second <= end + TIME_TOLERANCE

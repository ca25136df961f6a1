"""Computes sampling times and the packets that they need, as pure arithmetic on timestamps."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Protocol

_MIN_STEPS = 48  # steps seen before the frame rate counts as constant
_STEPS_PER_IRREGULAR = 100  # one irregular step is tolerated in so many


class Ticks(Protocol):
    """Timestamps to sample, numbered in order."""

    def between(self, start: int | Fraction, end: int | Fraction) -> range:
        """Return the numbers of the ticks in [start, end)."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Equally spaced ticks, exact at any distance from the origin.

    Attributes:
        origin: Timestamp of tick 0, in the stream's time base.
        step: Distance between ticks in the stream's time base, any positive fraction.
    """

    origin: int | Fraction
    step: Fraction

    def first_at_or_after(self, timestamp: int | Fraction) -> int:
        """Return the number of the first tick at or after a timestamp."""
        return ceil((timestamp - self.origin) / self.step)

    def between(self, start: int | Fraction, end: int | Fraction) -> range:
        """Return the numbers of the ticks in [start, end), none of them before the origin.

        A frame that is shown from `start` to `end` is sampled for these ticks.
        """
        return range(max(0, self.first_at_or_after(start)), self.first_at_or_after(end))


@dataclass(frozen=True, slots=True)
class TimestampTicks:
    """Arbitrary ticks with the interface of a `Grid`.

    Attributes:
        timestamps: Ascending timestamps in the stream's time base.
    """

    timestamps: Sequence[int]

    def between(self, start: int | Fraction, end: int | Fraction) -> range:
        """Return the indices of the timestamps in [start, end)."""
        return range(bisect_left(self.timestamps, start), bisect_left(self.timestamps, end))


class PresentationWindow:
    """Presentation times around the packet about to be decoded.

    A frame is shown until the next one in presentation order, which may precede or follow it in
    decoding order by the reordering depth. While the window is larger than that depth (16 frames in
    H.264 and HEVC) the answer is exact; otherwise frames seem to be shown longer than they are, so
    that too many are decoded, never too few.

    Args:
        keep: Number of times before the last requested one to remember.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._times: list[int] = []

    def add(self, timestamp: int) -> None:
        """Add the presentation time of a packet that is read but not yet decoded."""
        insort(self._times, timestamp)

    def next_after(self, timestamp: int) -> int | None:
        """Return the next presentation time after a timestamp; None when the window holds none."""
        following = bisect_right(self._times, timestamp)
        excess = bisect_left(self._times, timestamp) - self._keep
        if excess > 0:
            del self._times[:excess]
            following -= excess
        return self._times[following] if following < len(self._times) else None


class GapDetector:
    """Distinguishes lost data from a picture that is held, by the steps between frames.

    With constant frame rate a long step means that packets are missing; with variable frame rate it
    means nothing.
    """

    def __init__(self) -> None:
        self._steps = 0
        self._irregular = 0
        self.usual_step = 0

    def detect_gap(self, step: int, longest_step: int | Fraction) -> bool:
        """Record a step and return whether data must be missing in it.

        Args:
            step: Distance to the next frame in ticks.
            longest_step: Ticks up to which a step is never a gap.
        """
        regular = (
            self._steps >= _MIN_STEPS and self._irregular * _STEPS_PER_IRREGULAR <= self._steps
        )
        self._steps += 1
        self.usual_step = min(self.usual_step or step, step)
        self._irregular += step > 2 * self.usual_step
        return regular and step > longest_step

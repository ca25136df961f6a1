"""The seconds to sample, and which packets they need. Pure arithmetic on timestamps (ticks)."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Protocol

_MIN_STEPS = 48  # steps seen before a file is called one of constant frame rate
_STEPS_PER_IRREGULAR = 100  # of so many steps one may be irregular


class Ticks(Protocol):
    """The timestamps that somebody looks at, numbered in order."""

    def between(self, start: int | Fraction, end: int | Fraction) -> range:
        """Return the numbers of those in [start, end)."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Equally spaced seconds, exact at any distance from the origin.

    Attributes:
        origin: Timestamp of tick 0, in the stream's time base.
        step: Distance of two ticks in the stream's time base, any positive fraction.
    """

    origin: int
    step: Fraction

    def first_at_or_after(self, timestamp: int | Fraction) -> int:
        """Return the number of the first tick that is not before a timestamp."""
        return ceil((timestamp - self.origin) / self.step)

    def between(self, start: int | Fraction, end: int | Fraction) -> range:
        """Return the ticks in [start, end): those that a frame shown so long is sampled for.

        There are none before the origin.
        """
        return range(max(0, self.first_at_or_after(start)), self.first_at_or_after(end))


class PresentationWindow:
    """The presentation times around the packet about to be decoded.

    A frame is shown until the next one in order of presentation, which in order of decoding may
    come earlier or later by the depth of reordering. While the window reaches further than that
    (16 frames in H.264 and HEVC), the answer is exact; beyond it frames seem to be shown longer
    than they are, so that too many are decoded, never too few.

    Args:
        keep: How many times before the last asked one to remember.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._times: list[int] = []

    def add(self, timestamp: int) -> None:
        """Note the presentation time of a packet that is read but not decoded yet."""
        insort(self._times, timestamp)

    def next_after(self, timestamp: int) -> int | None:
        """Return the next presentation time after a timestamp; None when none is in sight."""
        following = bisect_right(self._times, timestamp)
        excess = bisect_left(self._times, timestamp) - self._keep
        if excess > 0:
            del self._times[:excess]
            following -= excess
        return self._times[following] if following < len(self._times) else None


class GapDetector:
    """Tells lost data from a picture that is meant to stand still, by the steps between frames.

    In a file of constant frame rate a long step means that packets are missing; in one of
    variable rate it means nothing.
    """

    def __init__(self) -> None:
        self._steps = 0
        self._irregular = 0
        self.usual_step = 0

    def detect_gap(self, step: int, longest_step: int | Fraction) -> bool:
        """Note a step and return whether data must be missing in it.

        Args:
            step: Distance to the next frame in ticks.
            longest_step: Steps up to this many ticks are never called a break.
        """
        regular = (
            self._steps >= _MIN_STEPS and self._irregular * _STEPS_PER_IRREGULAR <= self._steps
        )
        self._steps += 1
        self.usual_step = min(self.usual_step or step, step)
        self._irregular += step > 2 * self.usual_step
        return regular and step > longest_step

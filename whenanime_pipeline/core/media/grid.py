"""The seconds to sample, and which packets they need. Pure arithmetic on timestamps (ticks)."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from fractions import Fraction
from math import ceil


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


class Window:
    """The presentation times around the packet about to be decoded.

    A frame is shown until the next one in order of presentation, which in order of decoding may
    come earlier or later by the depth of reordering. While the window reaches further than that
    (16 frames in H.264 and HEVC), the answer is exact; beyond it, more packets than necessary are
    called needed, never fewer.
    """

    def __init__(self, grid: Grid, keep: int) -> None:
        self._grid = grid
        self._keep = keep
        self._times: list[int] = []

    def add(self, timestamp: int) -> None:
        """Note the presentation time of a packet that is read but not decoded yet."""
        insort(self._times, timestamp)

    def needs(self, timestamp: int) -> bool:
        """Return whether a tick falls on the frame shown from this timestamp on."""
        following = bisect_right(self._times, timestamp)
        excess = bisect_left(self._times, timestamp) - self._keep
        if excess > 0:
            del self._times[:excess]
            following -= excess
        if following >= len(self._times):
            return True
        return len(self._grid.between(timestamp, self._times[following])) > 0

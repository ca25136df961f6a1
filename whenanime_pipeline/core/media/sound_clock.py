"""Places the frames of a sound in time, where packets are lost and times are rounded or wrong."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar


class SoundFrame(Protocol):
    """Samples that follow each other, as a decoder returns them."""

    @property
    def time(self) -> float | None:
        """Second of the first sample on the file's clock; None where the file has none."""

    @property
    def samples(self) -> int:
        """Number of samples of each channel."""

    @property
    def sample_rate(self) -> int:
        """Samples per second."""


F = TypeVar("F", bound=SoundFrame)
_CLOCK_TOLERANCE = 0.01
"""Seconds by which a frame may differ from the end of the one before. Containers round times to a
millisecond, and a lost packet leaves out more than 20 ms in most codecs."""


def place_frames(frames: Iterable[F]) -> Iterator[tuple[float | None, bool, F]]:
    """Yield frames with the second of the file's clock and whether it leaps from the one before.

    Times that jitter are straightened: a leap is followed once a second frame confirms it, and a
    frame whose time fits neither neighbour is left out. The second is None while no frame has one.

    Args:
        frames: decoded frames of one stream, in the order of the file.
    """
    expected: float | None = None
    held: F | None = None
    for frame in frames:
        length = frame.samples / frame.sample_rate
        if held is not None and expected is not None:
            after = held.samples / held.sample_rate
            if _is_near(frame.time, (held.time or 0.0) + after):
                yield held.time, True, held
                expected = (held.time or 0.0) + after
            elif _is_near(frame.time, expected + after):
                yield expected, False, held  # its time alone was wrong
                expected += after
            held = None
        if expected is None:
            expected = frame.time
            yield expected, expected is not None, frame
        elif _is_near(frame.time, expected):
            yield expected, False, frame
        else:
            held = frame
            continue
        expected = None if expected is None else expected + length


def _is_near(time: float | None, expected: float) -> bool:
    return time is None or abs(time - expected) <= _CLOCK_TOLERANCE

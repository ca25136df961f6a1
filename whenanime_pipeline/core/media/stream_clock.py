"""Continues the clock of MPEG streams where it starts again, wraps at 2^33 or leaps.

Recordings and parts of streams are joined byte by byte: each part has a clock of its own. Time goes
on from the end of the part before, as when the whole is played.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Protocol

from whenanime_pipeline.core.media.file_reading import ClockMark

_CYCLE = 1 << 33
"""Units after which the 33-bit timestamps of MPEG streams begin again."""
_FORWARD_LEAP = 5
"""Seconds without packets over which mpv plays on at once; less is lost data, and waited for."""
_BACKWARD_STEP = Fraction(1, 10)
"""Seconds that decoding times may go back by before the clock has started again."""
_CONFIRMATIONS = 3
"""Packets that must follow on a new clock: one alone is damaged."""
_MARK_DISTANCE = 5
"""Seconds between two marks: what a seek decodes in vain at most."""


class ClockPacket(Protocol):
    """A packet with the times of its file."""

    pts: int | None
    dts: int | None
    pos: int | None

    @property
    def is_keyframe(self) -> bool:
        """Whether decoding can begin here."""


class _Times(NamedTuple):
    dts: int
    pts: int
    position: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class StreamClock:
    """A clock that was continued.

    Attributes:
        marks: Marks by position; empty where the file's own clock runs through.
        end: Timestamp at which the last picture ends.
    """

    marks: tuple[ClockMark, ...]
    end: int


def continue_clock(
    packets: Iterable[ClockPacket], *, time_base: Fraction, frame_duration: Fraction
) -> StreamClock | None:
    """Return the continued clock of a stream; None for a stream without packets.

    Args:
        packets: All packets of the stream of pictures, with the file's own timestamps.
        time_base: Length of one unit of the timestamps in seconds.
        frame_duration: Duration of one frame in seconds.
    """
    step = int(frame_duration / time_base)
    scan = _ClockScan(time_base, step)
    for times in _confirm_jumps(_read_times(packets), time_base):
        scan.add(times)
    return scan.finish()


def restamp(packet: ClockPacket, shift: int) -> None:
    """Move the times of a packet onto the continued clock, in place."""
    if packet.dts is None:
        if packet.pts is not None:
            packet.pts += shift
        return
    if packet.pts is not None:
        packet.pts = packet.dts + _signed(packet.pts - packet.dts) + shift
    packet.dts += shift


class ClockPosition:
    """The shift at each byte of a file whose clock is continued."""

    def __init__(self, marks: Sequence[ClockMark]) -> None:
        self._marks = marks
        self._positions = [mark.position for mark in marks]
        self._timestamps = [mark.timestamp for mark in marks]

    def shift_at(self, position: int) -> int:
        """Return the shift of the packet that begins at a byte."""
        return self._marks[max(0, bisect_right(self._positions, position) - 1)].shift

    def byte_before(self, timestamp: int) -> int:
        """Return a byte from which reading reaches a time of the continued clock."""
        found = bisect_right(self._timestamps, timestamp) - 1
        return 0 if found < 1 else self._marks[found].position


def _read_times(packets: Iterable[ClockPacket]) -> Iterator[_Times]:
    position = 0
    for packet in packets:
        if packet.pos is not None and packet.pos >= 0:
            position = packet.pos
        dts = packet.pts if packet.dts is None else packet.dts
        if dts is not None:
            pts = dts if packet.pts is None else dts + _signed(packet.pts - dts)
            yield _Times(dts, pts, position, packet.is_keyframe)


def _signed(difference: int) -> int:
    """Return a difference of 33-bit times as the nearer way round."""
    return (difference + _CYCLE // 2) % _CYCLE - _CYCLE // 2


def _is_jump(last: int, following: int, time_base: Fraction) -> bool:
    seconds = _signed(following - last) * time_base
    return seconds < -_BACKWARD_STEP or seconds > _FORWARD_LEAP


def _confirm_jumps(packets: Iterator[_Times], time_base: Fraction) -> Iterator[_Times]:
    """Leave out packets whose time is alone, as flipped bits cause."""
    last: int | None = None
    waiting: deque[_Times] = deque()
    for packet in packets:
        if last is None or (not waiting and not _is_jump(last, packet.dts, time_base)):
            last = packet.dts
            yield packet
        elif waiting and not _is_jump(last, packet.dts, time_base):
            waiting.clear()  # the old clock goes on
            last = packet.dts
            yield packet
        elif waiting and _is_jump(waiting[-1].dts, packet.dts, time_base):
            waiting.clear()
            waiting.append(packet)
        else:
            waiting.append(packet)
            if len(waiting) > _CONFIRMATIONS:
                last = packet.dts
                yield from waiting
                waiting.clear()


class _ClockScan:
    """Collects the marks of one stream, packet by packet."""

    def __init__(self, time_base: Fraction, step: int) -> None:
        self._time_base = time_base
        self._step = step
        self._shift = 0
        self._last_dts: int | None = None
        self._end: int | None = None
        self._marks: list[ClockMark] = []
        self._is_broken = False

    def add(self, times: _Times) -> None:
        """Add the next packet."""
        last = self._last_dts
        begins = last is None
        if last is not None and self._end is not None:
            if _is_jump(last, times.dts, self._time_base):
                self._shift = self._end - times.pts
                begins = self._is_broken = True
            elif abs(times.dts - last) > _CYCLE // 2:
                self._shift += _CYCLE if times.dts < last else -_CYCLE
                begins = self._is_broken = True
        self._last_dts = times.dts
        shown = times.pts + self._shift
        self._end = max(shown + self._step, self._end or 0)
        since = 0 if begins else shown - self._marks[-1].timestamp
        if begins or (times.is_key and since * self._time_base >= _MARK_DISTANCE):
            self._marks.append(ClockMark(times.position, shown, self._shift))

    def finish(self) -> StreamClock | None:
        """Return the clock; None without packets."""
        if self._end is None:
            return None
        return StreamClock(tuple(self._marks) if self._is_broken else (), self._end)

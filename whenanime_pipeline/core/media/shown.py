"""Which frame is shown at each tick of a grid, decoding no more than that takes.

Everything that looks into a video reads through here: sampling, thumbnails, previews. A stream in
the true sense: at most `_AHEAD` packets and two frames are held, whatever the length of the film.
"""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from heapq import heappop, heappush
from typing import NamedTuple

from av.video.frame import VideoFrame

from whenanime_pipeline.core.media.frames import (
    TimedFrame,
    VideoPacket,
    decode,
    frames_from,
    read_packets,
)
from whenanime_pipeline.core.media.grid import Cadence, Ticks, Window
from whenanime_pipeline.core.media.report import HOLD, DamageLog
from whenanime_pipeline.core.media.video import Video

_AHEAD = 32  # packets: twice the deepest reordering of H.264 and HEVC
# Decoders that take `skip_frame` packet by packet and mark what no other frame refers to.
_SKIPPING = frozenset({"h264", "hevc"})


class Shown(NamedTuple):
    """A frame and the ticks on which it is shown."""

    frame: VideoFrame
    ticks: range


class ShownFrames:
    """Iterates once over the frames that a grid's ticks fall on, in order.

    A non-reference frame without a tick is never decoded, which changes nothing in the others.

    Args:
        video: Open video.
        grid: The ticks.
        start: Timestamp from which on to look; None for the first frame, without seeking.
        end: Timestamp up to which to look, exclusive; None for the whole rest.

    Attributes:
        log: Damage met so far.
        decoded_until: Timestamp at which the last decoded frame ends; None before the first.
        last: The last frame before `end`, else the first after it; None when there is none.
    """

    def __init__(
        self, video: Video, grid: Ticks, *, start: int | None = None, end: int | None = None
    ) -> None:
        self.log = DamageLog()
        self.decoded_until: int | Fraction | None = None
        self.last: VideoFrame | None = None
        self._video = video
        self._grid = grid
        self._start = start
        self._end = end
        self._skipping = video.stream.codec_context.name in _SKIPPING
        self._window = Window(keep=_AHEAD)
        self._cadence = Cadence()
        self._awaited: list[int] = []

    def __iter__(self) -> Iterator[Shown]:
        """Decode, and yield every frame that has a tick."""
        last: TimedFrame | None = None
        for timestamp, frame in self._frames():
            if last is not None:
                yield from self._shown(last, self._unbroken_until(last[0], timestamp))
            elif self._start is None:
                self._unbroken_until(self._video.first_timestamp - 1, timestamp)
            self.decoded_until = timestamp
            past = self._end is not None and timestamp >= self._end
            if last is None or not past:
                last = timestamp, frame
                self.last = frame
            if past:
                return
        if last is not None:
            length = last[1].duration or self._video.frame_seconds / self._video.tick
            self.decoded_until = last[0] + length
            yield from self._shown(last, self.decoded_until)

    def _frames(self) -> Iterator[TimedFrame]:
        if self._start is None:
            return self._read()
        return frames_from(self._video, self._start, self._read)

    def _read(self) -> Iterator[TimedFrame]:
        """Decode from where the container stands."""
        self._window = Window(keep=_AHEAD)
        self._cadence = Cadence()
        self._awaited.clear()
        packets = self._look_ahead(read_packets(self._video, self.log))
        return decode(self._video, packets, self.log, before=self._prepare)

    def _look_ahead(self, packets: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
        waiting: deque[VideoPacket] = deque()
        for packet in packets:
            if packet.pts is not None:
                self._window.add(packet.pts)
            waiting.append(packet)
            if len(waiting) > _AHEAD:
                yield waiting.popleft()
        yield from waiting

    def _prepare(self, packet: VideoPacket) -> None:
        """Tell the decoder whether it may leave the packet's frame out."""
        timestamp = None if self._video.timed_by_order else packet.pts
        needed = timestamp is None or self._has_tick(timestamp)
        if self._skipping:
            self._video.stream.codec_context.skip_frame = "DEFAULT" if needed else "NONREF"
        if needed and timestamp is not None:
            heappush(self._awaited, timestamp)

    def _has_tick(self, timestamp: int) -> bool:
        following = self._window.following(timestamp)
        if following is None:
            return True
        if self._cadence.is_break(following - timestamp, Fraction(HOLD) / self._video.tick):
            heappush(self._awaited, timestamp + self._cadence.usual)
        return len(self._grid.between(timestamp, following)) > 0

    def _unbroken_until(self, last: int, following: int) -> int:
        """Return until when a frame is shown: to the next one, or to where damage begins."""
        lost = following
        while self._awaited and self._awaited[0] <= following:
            awaited = heappop(self._awaited)
            if last < awaited < lost:
                lost = awaited
        if (following - lost) * self._video.tick < HOLD:
            return following
        self.log.gaps.append((self._video.seconds(lost), self._video.seconds(following)))
        return lost

    def _shown(self, shown: TimedFrame, until: int | Fraction) -> Iterator[Shown]:
        timestamp, frame = shown
        begin = timestamp if self._start is None else max(timestamp, self._start)
        end = until if self._end is None else min(until, self._end)
        ticks = self._grid.between(begin, end)
        if ticks:
            yield Shown(frame, ticks)

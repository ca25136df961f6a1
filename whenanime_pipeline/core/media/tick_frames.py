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

from whenanime_pipeline.core.media.decode_report import MAX_BRIDGED_GAP, DamageLog
from whenanime_pipeline.core.media.frame_decoding import (
    TimedFrame,
    VideoPacket,
    decode_frames,
    decode_from,
    read_packets,
)
from whenanime_pipeline.core.media.grid import GapDetector, PresentationWindow, Ticks
from whenanime_pipeline.core.media.video import Video

_LOOK_AHEAD = 32  # packets: twice the deepest reordering of H.264 and HEVC
# Decoders that take `skip_frame` packet by packet and mark what no other frame refers to.
_SKIPPING_DECODERS = frozenset({"h264", "hevc"})


class TickFrame(NamedTuple):
    """A frame and the ticks on which it is shown."""

    frame: VideoFrame
    ticks: range


class TickFrameReader:
    """Iterates once over the frames that a grid's ticks fall on, in order.

    A non-reference frame without a tick is never decoded, which changes nothing in the others.

    Args:
        video: Open video.
        grid: The ticks.
        start: Timestamp from which on to look; None for the first frame, without seeking.
        end: Timestamp up to which to look, exclusive; None for the whole rest.

    Attributes:
        damage_log: Damage met so far.
        decoded_until: Timestamp at which the last decoded frame ends; None before the first.
        last_frame: The last frame before `end`, else the first after it; None when there is none.
    """

    def __init__(
        self, video: Video, grid: Ticks, *, start: int | None = None, end: int | None = None
    ) -> None:
        self.damage_log = DamageLog()
        self.decoded_until: int | Fraction | None = None
        self.last_frame: VideoFrame | None = None
        self._video = video
        self._grid = grid
        self._start = start
        self._end = end
        self._can_skip_frames = video.stream.codec_context.name in _SKIPPING_DECODERS
        self._window = PresentationWindow(keep=_LOOK_AHEAD)
        self._cadence = GapDetector()
        self._expected_timestamps: list[int] = []

    def __iter__(self) -> Iterator[TickFrame]:
        """Decode, and yield every frame that has a tick."""
        last: TimedFrame | None = None
        for timestamp, frame in self._start_frames():
            if last is not None:
                yield from self._pair_with_ticks(last, self._end_before_gap(last[0], timestamp))
            elif self._start is None:
                self._end_before_gap(self._video.first_timestamp - 1, timestamp)
            self.decoded_until = timestamp
            past = self._end is not None and timestamp >= self._end
            if last is None or not past:
                last = timestamp, frame
                self.last_frame = frame
            if past:
                return
        if last is not None:
            length = last[1].duration or self._video.frame_duration / self._video.time_base
            self.decoded_until = last[0] + length
            yield from self._pair_with_ticks(last, self.decoded_until)

    def _start_frames(self) -> Iterator[TimedFrame]:
        if self._start is None:
            return self._decode_from_here()
        return decode_from(self._video, self._start, self._decode_from_here)

    def _decode_from_here(self) -> Iterator[TimedFrame]:
        """Decode from where the container stands."""
        self._window = PresentationWindow(keep=_LOOK_AHEAD)
        self._cadence = GapDetector()
        self._expected_timestamps.clear()
        packets = self._look_ahead(read_packets(self._video, self.damage_log))
        return decode_frames(
            self._video, packets, self.damage_log, on_packet=self._set_frame_skipping
        )

    def _look_ahead(self, packets: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
        waiting: deque[VideoPacket] = deque()
        for packet in packets:
            if packet.pts is not None:
                self._window.add(packet.pts)
            waiting.append(packet)
            if len(waiting) > _LOOK_AHEAD:
                yield waiting.popleft()
        yield from waiting

    def _set_frame_skipping(self, packet: VideoPacket) -> None:
        """Tell the decoder whether it may leave the packet's frame out."""
        timestamp = None if self._video.lacks_presentation_times else packet.pts
        needed = timestamp is None or self._has_tick(timestamp)
        if self._can_skip_frames:
            self._video.stream.codec_context.skip_frame = "DEFAULT" if needed else "NONREF"
        if needed and timestamp is not None:
            heappush(self._expected_timestamps, timestamp)

    def _has_tick(self, timestamp: int) -> bool:
        following = self._window.next_after(timestamp)
        if following is None:
            return True
        if self._cadence.detect_gap(
            following - timestamp, Fraction(MAX_BRIDGED_GAP) / self._video.time_base
        ):
            heappush(self._expected_timestamps, timestamp + self._cadence.usual_step)
        return len(self._grid.between(timestamp, following)) > 0

    def _end_before_gap(self, last: int, following: int) -> int:
        """Return until when a frame is shown: to the next one, or to where damage begins."""
        lost = following
        while self._expected_timestamps and self._expected_timestamps[0] <= following:
            awaited = heappop(self._expected_timestamps)
            if last < awaited < lost:
                lost = awaited
        if (following - lost) * self._video.time_base < MAX_BRIDGED_GAP:
            return following
        self.damage_log.gaps.append(
            (self._video.to_seconds(lost), self._video.to_seconds(following))
        )
        return lost

    def _pair_with_ticks(self, shown: TimedFrame, until: int | Fraction) -> Iterator[TickFrame]:
        timestamp, frame = shown
        begin = timestamp if self._start is None else max(timestamp, self._start)
        end = until if self._end is None else min(until, self._end)
        ticks = self._grid.between(begin, end)
        if ticks:
            yield TickFrame(frame, ticks)

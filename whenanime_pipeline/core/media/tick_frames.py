"""Decodes the frame shown at each tick of a grid, and no more frames than needed.

Sampling, thumbnails and previews all read videos through this module. It holds at most
`_LOOK_AHEAD` packets and two frames, whatever the length of the film.
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
# Decoders that apply `skip_frame` per packet and mark non-reference frames.
_SKIPPING_DECODERS = frozenset({"h264", "hevc"})


class TickFrame(NamedTuple):
    """A frame and the ticks at which it is shown."""

    frame: VideoFrame
    ticks: range


class TickFrameReader:
    """Iterates once over the frames shown at a grid's ticks, in order.

    Non-reference frames without a tick are not decoded, which leaves the other frames unchanged.

    Args:
        video: Open video.
        grid: Ticks to decode frames for.
        start: Timestamp to begin at; None for the first frame, without seeking.
        end: Timestamp to end at, exclusive; None for the end of the file.
        cut: Timestamp before which no frame begins that is shown; None for none.

    Attributes:
        damage_log: Damage met so far.
        decoded_until: Timestamp at which the last decoded frame ends; None before the first.
        last_frame: Last frame before `end`, else the first after it; None where there is neither.
    """

    def __init__(
        self,
        video: Video,
        grid: Ticks,
        *,
        start: int | None = None,
        end: int | None = None,
        cut: int | None = None,
    ) -> None:
        self.damage_log = DamageLog()
        self.decoded_until: int | Fraction | None = None
        self.last_frame: VideoFrame | None = None
        self._video = video
        self._grid = grid
        self._start = start
        self._end = end
        self._cut = cut
        self._can_skip_frames = video.stream.codec_context.name in _SKIPPING_DECODERS
        self._window = PresentationWindow(keep=_LOOK_AHEAD)
        self._gap_detector = GapDetector()
        self._expected_timestamps: list[int] = []

    def __iter__(self) -> Iterator[TickFrame]:
        """Yield every frame that has a tick."""
        last: TimedFrame | None = None
        for timestamp, frame in self._start_frames():
            if self._cut is not None and timestamp < self._cut:
                continue
            if last is not None:
                yield from self._pair_with_ticks(last, self._end_before_gap(last[0], timestamp))
            elif self._start is None:
                self._end_before_gap(self._video.first_timestamp - 1, timestamp)
            self.decoded_until = timestamp
            is_past_end = self._end is not None and timestamp >= self._end
            if last is None or not is_past_end:
                last = timestamp, frame
                self.last_frame = frame
            if is_past_end:
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
        """Decode from the container's current position."""
        self._window = PresentationWindow(keep=_LOOK_AHEAD)
        self._gap_detector = GapDetector()
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
        """Let the decoder skip the packet's frame unless a tick needs it."""
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
        if self._gap_detector.detect_gap(
            following - timestamp, Fraction(MAX_BRIDGED_GAP) / self._video.time_base
        ):
            heappush(self._expected_timestamps, timestamp + self._gap_detector.usual_step)
        return len(self._grid.between(timestamp, following)) > 0

    def _end_before_gap(self, last: int, following: int) -> int:
        """Return the end of a frame: the beginning of the next one or of a gap, which is logged."""
        gap_start = following
        while self._expected_timestamps and self._expected_timestamps[0] <= following:
            expected = heappop(self._expected_timestamps)
            if last < expected < gap_start:
                gap_start = expected
        if (following - gap_start) * self._video.time_base < MAX_BRIDGED_GAP:
            return following
        self.damage_log.gaps.append(
            (self._video.to_seconds(gap_start), self._video.to_seconds(following))
        )
        return gap_start

    def _pair_with_ticks(self, shown: TimedFrame, until: int | Fraction) -> Iterator[TickFrame]:
        timestamp, frame = shown
        begin = timestamp if self._start is None else max(timestamp, self._start)
        end = until if self._end is None else min(until, self._end)
        ticks = self._grid.between(begin, end)
        if ticks:
            yield TickFrame(frame, ticks)

"""Decodes packets to timed frames: continues after errors and seeks by time."""

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import TypeAlias

from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from whenanime_pipeline.core.media.decode_report import DamageLog
from whenanime_pipeline.core.media.mpeg4_pictures import begins_with_intra
from whenanime_pipeline.core.media.video import Video

VideoPacket: TypeAlias = "Packet[VideoStream]"
TimedFrame = tuple[int, VideoFrame]

_MAX_DECODER_DEPTH = 64  # packets inside a decoder: reordering (16) and threads
_DEMUX_RETRIES = 8  # consecutive failures without a packet after which a file is considered read
# Seconds before the target to seek to, in order of trial. 0 is exact where the container has an
# index; MPEG-TS and broken indexes may land after the key frame, so later trials begin earlier.
_SEEK_BACK_OFFS = (0, 2, 15, 60)


def read_packets(video: Video, log: DamageLog) -> Iterator[VideoPacket]:
    """Yield the stream's packets and finally the empty packet that flushes the decoder."""
    failures = 0
    while failures < _DEMUX_RETRIES:
        try:
            for packet in video.container.demux(video.stream):
                failures = 0
                video.continue_clock(packet)
                yield packet
        except (FFmpegError, OSError):
            failures += 1
            log.broken_packets += 1
        else:
            return


def decode_frames(
    video: Video,
    packets: Iterator[VideoPacket],
    log: DamageLog,
    on_packet: Callable[[VideoPacket], None] | None = None,
) -> Iterator[TimedFrame]:
    """Yield (timestamp, frame) in order of presentation; continues after broken packets.

    Args:
        video: Open video.
        packets: Packets from `read_packets`, ending with the flushing one.
        log: Counter of damage.
        on_packet: Callback for each packet before it is decoded.
    """
    yield from _drop_backward_frames(_decode_packets(video, packets, log, on_packet), log)


def _decode_packets(
    video: Video,
    packets: Iterator[VideoPacket],
    log: DamageLog,
    on_packet: Callable[[VideoPacket], None] | None,
) -> Iterator[TimedFrame]:
    clock: _PresentationClock | _DelayedClock
    if video.has_mpeg4_times:
        clock = _DelayedClock(video.stream)
        packets = _skip_to_intra(packets)
    else:
        clock = _PresentationClock(by_order=video.lacks_presentation_times)
    for packet in packets:
        if on_packet is not None:
            on_packet(packet)
        clock.add_packet(packet)
        try:
            frames = video.stream.codec_context.decode(packet)
        except (FFmpegError, OSError):
            log.broken_packets += packet.size > 0  # an empty one of Theora repeats its picture
            continue
        for frame in frames:
            log.damaged_frames += frame.is_corrupt
            timestamp = clock.take_timestamp(frame)
            if timestamp is not None:
                if video.has_varying_shape:
                    # Each frame has a shape of its own; the decoder tells that of the last one.
                    frame.opaque = video.stream.codec_context.sample_aspect_ratio
                yield timestamp, frame


def _drop_backward_frames(frames: Iterator[TimedFrame], log: DamageLog) -> Iterator[TimedFrame]:
    """Drop frames whose time contradicts both neighbours, as flipped bits cause.

    One frame is held back, so that one that jumps far ahead does not make all others look late.
    """
    last: int | None = None
    held: TimedFrame | None = None
    for frame in frames:
        if held is None:
            held = frame
        elif frame[0] > held[0]:
            yield held
            last, held = held[0], frame
        else:
            log.backward_frames += 1
            if last is None or frame[0] > last:
                held = frame
    if held is not None:
        yield held


def decode_from(
    video: Video, timestamp: int, start_decoding: Callable[[], Iterator[TimedFrame]]
) -> Iterator[TimedFrame]:
    """Yield frames from the one shown at a timestamp, or from an earlier one.

    Args:
        video: Open video.
        timestamp: Target time in the stream's time base.
        start_decoding: Returns an iterator that decodes from the container's position.
    """
    beginning = video.first_timestamp
    for seconds in _SEEK_BACK_OFFS:
        target = timestamp - int(seconds / video.time_base)
        if target <= beginning:
            break
        if _seek(video, target):
            frames = start_decoding()
            first = next(frames, None)
            if first is not None and first[0] <= timestamp:
                yield first
                yield from frames
                return
    video.rewind()
    yield from start_decoding()


def _seek(video: Video, timestamp: int) -> bool:
    try:
        video.seek(timestamp)
    except (FFmpegError, OSError):
        return False
    return True


def _skip_to_intra(packets: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
    """Drop packets up to the first with a whole picture: indexes may mark others as key frames."""
    is_found = False
    for packet in packets:
        is_found = is_found or not packet.size or begins_with_intra(bytes(packet))
        if is_found:
            yield packet


class _DelayedClock:
    """Assigns times to the pictures of MPEG-4 in containers that carry decoding times.

    With B-pictures the decoder returns a picture one packet late, so that its time is that of the
    packet before the one that it was returned after. Counting the packets would do as well from the
    file's beginning, but not after a seek, where the first B-pictures are not returned.

    Args:
        stream: Stream that is decoded.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._sent: deque[int] = deque(maxlen=_MAX_DECODER_DEPTH)

    def add_packet(self, packet: VideoPacket) -> None:
        """Record the decoding time of a packet that is about to be decoded."""
        if packet.dts is not None:
            self._sent.append(packet.dts)

    def take_timestamp(self, frame: VideoFrame) -> int | None:
        """Return the frame's timestamp, None when it is unknown."""
        if frame.dts is None:  # returned at the end
            return self._sent[-1] if self._sent else None
        if not self._stream.codec_context.has_b_frames:
            return frame.dts
        return max((one for one in self._sent if one < frame.dts), default=frame.dts)


class _PresentationClock:
    """Assigns presentation times to frames, also where packets carry only decoding times (AVI).

    The decoder returns frames in order of presentation, so the n-th frame has the n-th smallest
    decoding time of the packets sent.

    Args:
        by_order: Whether to ignore the presentation times of packets.
    """

    def __init__(self, *, by_order: bool) -> None:
        self._by_order = by_order
        self._unpaired_dts: list[int] = []

    def add_packet(self, packet: VideoPacket) -> None:
        """Record the decoding time of a packet that is about to be decoded."""
        if (self._by_order or packet.pts is None) and packet.dts is not None:
            heappush(self._unpaired_dts, packet.dts)
            if len(self._unpaired_dts) > _MAX_DECODER_DEPTH:  # broken packets yield no frame
                heappop(self._unpaired_dts)

    def take_timestamp(self, frame: VideoFrame) -> int | None:
        """Return the frame's timestamp, None when it is unknown."""
        time = None if self._by_order else frame.pts
        if time is None:
            time = heappop(self._unpaired_dts) if self._unpaired_dts else frame.dts
        return time

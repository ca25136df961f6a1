"""Frames of a video at a chosen rate of true presentation time, as small RGB pictures.

Faster than decoding everything: non-reference frames that no sampled second falls on are never
decoded, which changes nothing in the others. A stream in the true sense: at most `_AHEAD` packets
and two frames are held, whatever the length of the film.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from math import ceil
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.container import (
    Source,
    declared_end,
    frame_seconds,
    open_container,
    source_name,
    start_offset,
    time_base,
    video_stream,
)
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.frames import (
    TimedFrame,
    VideoPacket,
    decode,
    frames_from,
    read_packets,
)
from whenanime_pipeline.core.media.grid import Grid, Window
from whenanime_pipeline.core.media.pixels import PictureMaker
from whenanime_pipeline.core.media.report import HOLD, DamageLog, DecodeReport

_AHEAD = 32  # packets: twice the deepest reordering of H.264 and HEVC
# Decoders that take `skip_frame` packet by packet and mark what no other frame refers to.
_SKIPPING = frozenset({"h264", "hevc"})


@dataclass(frozen=True, slots=True)
class Sample:
    """What is seen at one second.

    Attributes:
        time: Seconds from the container's start, as players show it.
        picture: (h, w, 3) RGB; samples of one long-shown frame share the array.
    """

    time: float
    picture: NDArray[np.uint8]


class FrameSampler:
    """Iterates once over the samples of a video; a context manager.

    Samples lie at first frame + k / fps, the same seconds whichever range is asked for; each is
    the frame shown at that second, be the frame rate constant or not.

    Args:
        source: Path of the video, or a seekable binary stream.
        fps: Samples a second.
        long_side: Upper limit of the pictures' longer side in pixels; never scaled up.
        start: Seconds from the container's start from which on to sample.
        end: Seconds up to which to sample, exclusive; None for the whole rest.
        threads: Decoding threads; 0 for one per core.

    Attributes:
        report: What was found damaged or missing; complete after the iteration.

    Raises:
        MediaError: Not a video, or, while iterating, not one picture could be decoded.

    Example:
        >>> with FrameSampler("episode.mkv") as sampler:  # doctest: +SKIP
        ...     for sample in sampler:
        ...         print(sample.time, sample.picture.shape)
        ...     print(sampler.report.warnings)
    """

    def __init__(
        self,
        source: Source,
        *,
        fps: float = 8.0,
        long_side: int = 320,
        start: float = 0.0,
        end: float | None = None,
        threads: int = 0,
    ) -> None:
        self._name = source_name(source)
        self._container = open_container(source)
        try:
            self._stream = video_stream(self._container, self._name)
        except MediaError:
            self._container.close()
            raise
        self._stream.thread_type = "AUTO"
        self._stream.thread_count = threads
        self._tick = time_base(self._stream)
        self._offset = start_offset(self._container)
        self._step = 1 / Fraction(fps).limit_denominator(1_000_000) / self._tick
        self._maker = PictureMaker(self._stream.sample_aspect_ratio, long_side)
        self._start = self._timestamp(start)
        self._from_beginning = start <= 0
        self._end = None if end is None else self._timestamp(end)
        origin = self._stream.start_time
        self._grid = Grid(self._timestamp(0) if origin is None else origin, self._step)
        self._window = Window(self._grid, keep=_AHEAD)
        self._skipping = self._stream.codec_context.name in _SKIPPING
        self._log = DamageLog()
        self._awaited: list[int] = []
        self._decoded_until: int | Fraction = self._start

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._container.close()

    @property
    def report(self) -> DecodeReport:
        """What was found damaged or missing so far."""
        end = declared_end(self._container, self._stream)
        return self._log.report(
            duration=None if end is None else float(end),
            decoded_until=self._seconds(self._decoded_until),
            asked_end=None if self._end is None else self._seconds(self._end),
        )

    def __iter__(self) -> Iterator[Sample]:
        """Yield the samples in order of time.

        Raises:
            MediaError: Not one picture of the file could be decoded.
        """
        last: TimedFrame | None = None
        for timestamp, frame in self._frames():
            if last is not None:
                yield from self._shown(last, self._unbroken_until(last[0], timestamp))
            elif self._from_beginning:
                self._unbroken_until(self._grid.origin, timestamp)
            last = timestamp, frame
            self._decoded_until = timestamp
            if self._end is not None and timestamp >= self._end:
                return
        if last is not None:
            length = last[1].duration or frame_seconds(self._stream) / self._tick
            self._decoded_until = last[0] + length
            yield from self._shown(last, self._decoded_until)
        elif self._from_beginning:
            raise MediaError(self._name, "not one picture in it could be decoded")

    def _frames(self) -> Iterator[TimedFrame]:
        if self._from_beginning:
            return self._read()
        return frames_from(self._container, self._stream, self._start, self._read)

    def _read(self) -> Iterator[TimedFrame]:
        """Decode from where the container stands."""
        self._window = Window(self._grid, keep=_AHEAD)
        self._awaited.clear()
        packets = self._look_ahead(read_packets(self._container, self._stream, self._log))
        return decode(self._stream, packets, self._log, before=self._prepare)

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
        needed = packet.pts is None or self._window.needs(packet.pts)
        if self._skipping:
            self._stream.codec_context.skip_frame = "DEFAULT" if needed else "NONREF"
        if needed and packet.pts is not None:
            heappush(self._awaited, packet.pts)

    def _unbroken_until(self, last: int, following: int) -> int:
        """Return until when a frame is shown: to the next one, or to where damage begins."""
        lost = following
        while self._awaited and self._awaited[0] <= following:
            awaited = heappop(self._awaited)
            if last < awaited < lost:
                lost = awaited
        if (following - lost) * self._tick < HOLD:
            return following
        self._log.gaps.append((self._seconds(lost), self._seconds(following)))
        return lost

    def _shown(self, shown: TimedFrame, until: int | Fraction) -> Iterator[Sample]:
        timestamp, frame = shown
        begin = max(timestamp, self._start)
        end = until if self._end is None else min(until, self._end)
        numbers = self._grid.between(begin, end)
        if not numbers:
            return
        picture = self._maker.picture(frame)
        for number in numbers:
            yield Sample(self._seconds(self._grid.origin + number * self._step), picture)

    def _timestamp(self, seconds: float) -> int:
        return ceil((Fraction(seconds) + self._offset) / self._tick)

    def _seconds(self, timestamp: int | Fraction) -> float:
        return float(timestamp * self._tick - self._offset)

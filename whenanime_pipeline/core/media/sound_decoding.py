"""Decodes the sound of a video on the player's clock, part by part, without filling gaps.

A `SoundPiece` is to sound what a `PlayedPiece` is to pictures: a stretch of an open file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Discard
from numpy.typing import NDArray

from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading, locate_part
from whenanime_pipeline.core.media.sound_clock import place_frames
from whenanime_pipeline.core.media.stream_clock import ClockPosition, restamp
from whenanime_pipeline.core.media.video import OWN_CLOCK, Source, open_container, source_name

_LEAD = 1.0
"""Seconds before a stretch to begin decoding at."""
_DEMUX_RETRIES = 8
"""Consecutive failures without a packet after which a file is considered read."""


class SoundFormat(NamedTuple):
    """What sound is converted to.

    Attributes:
        samples: FFmpeg's name of a planar sample format.
        layout: Its name of a layout of channels.
        rate: Samples per second.
    """

    samples: str
    layout: str
    rate: int


class SoundBlock(NamedTuple):
    """Samples that follow each other.

    Attributes:
        position: Player's time of the first one, in samples from second 0.
        samples: (channels, n) of the format asked for.
    """

    position: int
    samples: NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class SoundPiece:
    """A stretch of the sound of an open file; the seconds are the player's.

    Attributes:
        start: Second at which it begins.
        end: Second at which it ends, exclusive.
        language: Language of the stream as the file names it, such as "jpn"; empty for none.
    """

    start: float
    end: float
    language: str
    _container: InputContainer
    _stream: AudioStream
    _reading: FileReading
    _offset: float

    def decode(self, target: SoundFormat) -> Iterator[SoundBlock]:
        """Yield the samples in order, without overlaps; what is missing or broken is left out."""
        low, high = round(self.start * target.rate), round(self.end * target.rate)
        for block in self._decode_runs(target):
            end = block.position + block.samples.shape[1]
            begins, ends = max(low, block.position), min(high, end)
            if begins < ends:
                chosen = slice(begins - block.position, ends - block.position)
                yield SoundBlock(begins, block.samples[:, chosen])
            low = max(low, end)
            if low >= high:
                return

    def _decode_runs(self, target: SoundFormat) -> Iterator[SoundBlock]:
        """Resample each run of frames that follow each other by a resampler of its own."""
        shape: tuple[str, str, int] | None = None
        resampler: AudioResampler | None = None
        position = 0
        for second, is_leap, frame in place_frames(self._read_frames()):
            own = (frame.format.name, frame.layout.name, frame.sample_rate)
            if resampler is None or is_leap or own != shape:
                if resampler is not None:
                    yield from _resample(resampler, None, position)
                resampler, shape = AudioResampler(*target), own
                at = self.start if second is None else second - self._offset
                position = round(at * target.rate)
            for block in _resample(resampler, frame, position):
                yield block
                position = block.position + block.samples.shape[1]
        if resampler is not None:
            yield from _resample(resampler, None, position)

    def _read_frames(self) -> Iterator[AudioFrame]:
        """Yield the stream's frames from the start of the piece on; broken ones are left out."""
        clock = ClockPosition(self._reading.marks) if self._reading.marks else None
        for packet in _read_packets(self._container, self._stream, self._seek(clock), clock):
            try:
                frames = self._stream.codec_context.decode(packet)
            except FFmpegError:
                continue
            yield from (frame for frame in frames if not frame.is_corrupt and frame.samples)

    def _seek(self, clock: ClockPosition | None) -> int:
        """Go to a packet before the start; return a byte near it where the clock is continued."""
        second = self.start + self._offset - _LEAD
        if second < _find_offset(self._container, self._reading):
            return 0  # MPEG streams have no index: a seek to their start may land after it
        if clock is None:
            self._container.seek(max(0, int(second * av.time_base)))
            return 0
        byte = clock.byte_before(int(second / (self._stream.time_base or 1)))
        self._container.seek(byte, unsupported_byte_offset=True)
        return byte


def open_sound(
    source: Source, reading: FileReading, start: float, end: float
) -> Iterator[SoundPiece]:
    """Yield what is heard between two of the player's seconds, each file opened in its turn.

    A file without sound has no piece. A linked file that is not there is left out.

    Args:
        source: Path of the video, or a seekable binary stream.
        reading: How the file is read where its header tells it wrong.
        start: Second of the player's clock.
        end: Second at which to stop.

    Raises:
        MediaError: The file itself cannot be opened.
    """
    if not reading.parts:
        yield from _open_piece(source, reading, start, end, None)
        return
    for part in reading.parts:
        begins, ends = max(start, part.start), min(end, part.start + part.length)
        file = locate_part(source, part) if isinstance(source, Path) else source
        if begins >= ends or file is None or (part.file and file is source):
            continue
        read_as = (part.reading or PLAIN) if part.file else reading
        try:
            yield from _open_piece(file, read_as, begins, ends, part.file_start - part.start)
        except MediaError:
            if file is source:
                raise


def _open_piece(
    source: Source, reading: FileReading, start: float, end: float, offset: float | None
) -> Iterator[SoundPiece]:
    """Yield the sound of one file, if any.

    Args:
        source: File to read.
        reading: How it is read.
        start: Player's second at which to begin.
        end: Player's second at which to end.
        offset: File's own second of the player's second 0; None for what the reading says.
    """
    options, files = OWN_CLOCK if reading.marks else {}, reading.files
    with open_container(source, source_name(source), options=options, files=files) as container:
        related = None if reading.stream is None else container.streams[reading.stream]
        stream = container.streams.best("audio", related=related)
        if not isinstance(stream, AudioStream) or stream.codec_context is None:
            return
        for other in container.streams:
            if other.index != stream.index:
                other.discard = Discard.all
        if offset is None:
            offset = _find_offset(container, reading)
        language = stream.metadata.get("language", "")
        yield SoundPiece(
            start, end, "" if language == "und" else language, container, stream, reading, offset
        )


def _find_offset(container: InputContainer, reading: FileReading) -> float:
    """Return the time of the player's second 0 on the clock of a file's sound, in seconds."""
    if reading.marks or reading.from_zero:
        return reading.offset
    return (container.start_time or 0) / av.time_base


def _read_packets(
    container: InputContainer, stream: AudioStream, byte: int, clock: ClockPosition | None
) -> Iterator["Packet[AudioStream]"]:
    """Yield the packets, and finally the empty one that flushes the decoder.

    Args:
        container: Open file.
        stream: Stream whose packets are read.
        byte: Byte near the first packet, for packets that tell no position.
        clock: The continued clock that packets are moved onto; None for the file's own.
    """
    failures = 0
    while failures < _DEMUX_RETRIES:
        try:
            for packet in container.demux(stream):
                failures = 0
                if clock is not None:
                    byte = packet.pos if packet.pos is not None and packet.pos >= 0 else byte
                    restamp(packet, clock.shift_at(byte))
                yield packet
        except (FFmpegError, OSError):
            failures += 1
        else:
            return


def _resample(
    resampler: AudioResampler, frame: AudioFrame | None, position: int
) -> Iterator[SoundBlock]:
    """Yield what comes out of a resampler for a frame, or what is left in it for none."""
    for part in resampler.resample(frame):
        samples = part.to_ndarray()
        yield SoundBlock(position, samples)
        position += samples.shape[1]

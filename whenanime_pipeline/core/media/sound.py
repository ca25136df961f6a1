"""Reads the sound of a range of a video as samples."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard
from numpy.typing import NDArray

from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading
from whenanime_pipeline.core.media.stream_clock import ClockPosition, restamp
from whenanime_pipeline.core.media.video import OWN_CLOCK, Source, open_container, source_name

SAMPLE_RATE = 48_000  # samples per second
_LEAD = 1.0
"""Seconds before the range to begin decoding at."""


def read_sound(
    source: Source, start: float, end: float, reading: FileReading | None = None
) -> NDArray[np.float32] | None:
    """Return the sound between two seconds, synchronous with the pictures.

    Args:
        source: Path of the video, or a seekable binary stream.
        start: Second of the player's clock.
        end: Second at which to stop.
        reading: How the file is read where its header tells it wrong.

    Returns:
        (2, samples) at `SAMPLE_RATE`, from -1 to 1, zero where sound is missing or broken; None for
        a file without sound.

    Raises:
        MediaError: The file cannot be opened.
    """
    reading = reading or PLAIN
    sound = np.zeros((2, round((end - start) * SAMPLE_RATE)), np.float32)
    if not reading.parts:
        return sound if _copy_sound(source, sound, start, reading, None) else None
    is_found = False
    for part in reading.parts:
        begins, ends = max(start, part.start), min(end, part.start + part.length)
        if begins >= ends or (part.file and not isinstance(source, Path)):
            continue
        file = source.with_name(part.file) if part.file and isinstance(source, Path) else source
        low, high = (round((second - start) * SAMPLE_RATE) for second in (begins, ends))
        offset = part.file_start - part.start
        is_found |= _copy_sound(file, sound[:, low:high], begins, PLAIN, offset)
    return sound if is_found else None


def _copy_sound(
    source: Source,
    sound: NDArray[np.float32],
    start: float,
    reading: FileReading,
    offset: float | None,
) -> bool:
    """Write the sound from a second on into `sound`; return whether the file has sound.

    Args:
        source: File to read.
        sound: (2, samples) to write into.
        start: Second of its first sample.
        reading: How the file is read.
        offset: File's own second of the player's second 0; None for what the reading says.
    """
    options = OWN_CLOCK if reading.marks else {}
    with open_container(source, source_name(source), options=options) as container:
        stream = container.streams.best("audio")
        if not isinstance(stream, AudioStream) or stream.codec_context is None:
            return False
        for other in container.streams:
            if other.index != stream.index:
                other.discard = Discard.all
        if offset is None:
            offset = _find_offset(container, reading)
        resampler = AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
        position: int | None = None
        for frame in _decode_sound(container, stream, start + offset - _LEAD, reading):
            if position is None and frame.time is not None:
                position = round((frame.time - offset - start) * SAMPLE_RATE)
            for part in resampler.resample(frame):
                samples = part.to_ndarray().astype(np.float32, copy=False)
                position = _copy_samples(sound, samples, position or 0)
            if position is not None and position >= sound.shape[1]:
                break
        return True


def _find_offset(container: InputContainer, reading: FileReading) -> float:
    """Return the time of the player's second 0 on the clock of a file's sound, in seconds."""
    if reading.marks or reading.from_zero:
        return reading.offset
    return (container.start_time or 0) / av.time_base


def _decode_sound(
    container: InputContainer, stream: AudioStream, second: float, reading: FileReading
) -> Iterator[AudioFrame]:
    """Yield the frames from a second of the file's clock on; broken packets are left out."""
    clock = ClockPosition(reading.marks) if reading.marks else None
    byte = 0
    if clock is None:
        container.seek(max(0, int(second * av.time_base)))
    else:
        byte = clock.byte_before(int(second / (stream.time_base or 1)))
        container.seek(byte, unsupported_byte_offset=True)
    for packet in container.demux(stream):
        if clock is not None:
            byte = packet.pos if packet.pos is not None and packet.pos >= 0 else byte
            restamp(packet, clock.shift_at(byte))
        try:
            yield from stream.codec_context.decode(packet)
        except FFmpegError:
            continue


def _copy_samples(sound: NDArray[np.float32], part: NDArray[np.float32], position: int) -> int:
    """Copy the part of `part` inside `sound`; return the position after it."""
    end: int = position + part.shape[1]
    low, high = max(0, position), min(sound.shape[1], end)
    if low < high:
        sound[:, low:high] = part[:, low - position : high - position]
    return end

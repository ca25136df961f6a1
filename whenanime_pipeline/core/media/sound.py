"""Reads the sound of a range of a video as samples."""

import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.stream import Discard
from numpy.typing import NDArray

from whenanime_pipeline.core.media.video import Source, open_container, source_name

SAMPLE_RATE = 48_000  # samples per second


def read_sound(source: Source, start: float, end: float) -> NDArray[np.float32] | None:
    """Return the sound between two seconds, synchronous with the pictures.

    Args:
        source: Path of the video, or a seekable binary stream.
        start: Seconds from the container's start.
        end: Second at which to stop.

    Returns:
        (2, samples) at `SAMPLE_RATE`, from -1 to 1, zero where sound is missing or broken; None for
        a file without sound.

    Raises:
        MediaError: The file cannot be opened.
    """
    with open_container(source, source_name(source)) as container:
        stream = container.streams.best("audio")
        if not isinstance(stream, AudioStream) or stream.codec_context is None:
            return None
        for other in container.streams:
            if other.index != stream.index:
                other.discard = Discard.all
        offset = (container.start_time or 0) / 1_000_000
        sound = np.zeros((2, round((end - start) * SAMPLE_RATE)), np.float32)
        resampler = AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
        container.seek(max(0, int((start + offset - 1) * 1_000_000)))
        position: int | None = None
        for packet in container.demux(stream):
            try:
                frames = stream.codec_context.decode(packet)
            except FFmpegError:
                continue
            for frame in frames:
                if position is None and frame.time is not None:
                    position = round((frame.time - offset - start) * SAMPLE_RATE)
                for part in resampler.resample(frame):
                    samples = part.to_ndarray().astype(np.float32, copy=False)
                    position = _copy_samples(sound, samples, position or 0)
            if position is not None and position >= sound.shape[1]:
                break
        return sound


def _copy_samples(sound: NDArray[np.float32], part: NDArray[np.float32], position: int) -> int:
    """Copy the part of `part` inside `sound`; return the position after it."""
    end: int = position + part.shape[1]
    low, high = max(0, position), min(sound.shape[1], end)
    if low < high:
        sound[:, low:high] = part[:, low - position : high - position]
    return end

"""Samples frames of a video at a fixed rate of presentation time, as small RGB pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.decode_report import DamageLog, DecodeReport
from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.file_reading import FileReading
from whenanime_pipeline.core.media.frame_conversion import FrameConverter
from whenanime_pipeline.core.media.playback import Playback
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Source


@dataclass(frozen=True, slots=True)
class SampledFrame:
    """Picture shown at one second.

    Attributes:
        time: Seconds from the container's start, as players show it.
        picture: (h, w, 3) RGB; samples of one long-shown frame share the array.
    """

    time: float
    picture: NDArray[np.uint8]


class FrameSampler:
    """Iterates once over the samples of a video; a context manager.

    Samples are taken at first frame + k / fps, the same seconds for every range; each is the frame
    shown at that second, with constant or variable frame rate. Memory does not grow with the film.

    Args:
        source: Path of the video, or a seekable binary stream.
        fps: Samples per second.
        long_side: Upper limit of the pictures' longer side in pixels; never scaled up.
        start: First second to sample, from the container's start.
        end: Second at which to stop, exclusive; None for the end of the file.
        threads: Decoding threads; 0 for one per core.
        reading: How the file is read where its header tells it wrong.

    Raises:
        MediaError: Not a video, or, while iterating, no picture could be decoded.

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
        reading: FileReading | None = None,
    ) -> None:
        self._playback = Playback(source, reading=reading, threads=threads)
        self._step = 1 / Fraction(fps).limit_denominator(1_000_000)
        self._long_side = long_side
        self._start = start if start > 0 else None
        self._end = end
        self._damage_log = DamageLog()
        self._decoded_until: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._playback.close()

    def __iter__(self) -> Iterator[SampledFrame]:
        """Yield the samples in order of time.

        Raises:
            MediaError: No picture of the file could be decoded.
        """
        first = self._playback.first
        for piece in self._playback.pieces(self._start, self._end):
            video = piece.video
            converter = FrameConverter(video.stream.sample_aspect_ratio, self._long_side)
            grid = piece.grid(first, self._step)
            reader = TickFrameReader(video, grid, start=piece.start, end=piece.end, cut=piece.cut)
            reader.damage_log = self._damage_log
            for frame, numbers in reader:
                picture = converter.to_picture(frame)
                for number in numbers:
                    timestamp = grid.origin + number * grid.step
                    yield SampledFrame(video.to_seconds(timestamp), picture)
            if reader.decoded_until is not None:
                self._decoded_until = video.to_seconds(reader.decoded_until)
        if self._decoded_until is None and self._start is None:
            raise MediaError(self._playback.name, MediaMessage.NOTHING_DECODED())

    @property
    def report(self) -> DecodeReport:
        """Damaged and missing parts; complete after the iteration."""
        until = self._decoded_until
        end = self._playback.end
        return self._damage_log.make_report(
            duration=None if end is None else float(end),
            decoded_until=(self._start or float(self._playback.first)) if until is None else until,
            requested_end=self._end,
        )

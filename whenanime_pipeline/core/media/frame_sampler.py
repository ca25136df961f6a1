"""Samples frames of a video at a fixed rate of presentation time, as small RGB pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.decode_report import DecodeReport
from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.frame_conversion import FrameConverter
from whenanime_pipeline.core.media.grid import Grid
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Source, Video


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
    ) -> None:
        self._video = Video(source, threads=threads)
        step = 1 / Fraction(fps).limit_denominator(1_000_000) / self._video.time_base
        self._grid = Grid(self._video.first_timestamp, step)
        self._converter = FrameConverter(self._video.stream.sample_aspect_ratio, long_side)
        self._start = self._video.to_timestamp(start) if start > 0 else None
        self._end = None if end is None else self._video.to_timestamp(end)
        self._reader = TickFrameReader(self._video, self._grid, start=self._start, end=self._end)
        self._declared_end = self._video.declared_end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._video.close()

    def __iter__(self) -> Iterator[SampledFrame]:
        """Yield the samples in order of time.

        Raises:
            MediaError: No picture of the file could be decoded.
        """
        for frame, numbers in self._reader:
            picture = self._converter.to_picture(frame)
            for number in numbers:
                timestamp = self._grid.origin + number * self._grid.step
                yield SampledFrame(self._video.to_seconds(timestamp), picture)
        if self._reader.decoded_until is None and self._start is None:
            raise MediaError(self._video.name, MediaMessage.NOTHING_DECODED())

    @property
    def report(self) -> DecodeReport:
        """Damaged and missing parts; complete after the iteration."""
        until = self._reader.decoded_until
        if until is None:
            until = self._start or self._grid.origin
        end = self._declared_end
        return self._reader.damage_log.make_report(
            duration=None if end is None else float(end),
            decoded_until=self._video.to_seconds(until),
            requested_end=None if self._end is None else self._video.to_seconds(self._end),
        )

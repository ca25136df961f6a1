"""Decodes the pictures at given seconds of a video, opening the file once."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from whenanime_pipeline.core.media.frame_conversion import UNLIMITED_SIDE, FrameConverter
from whenanime_pipeline.core.media.frame_sampler import SampledFrame
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Source, Video

# Distance in seconds to the next picture from which seeking is faster than decoding on: about half
# of the usual key frame interval, which is what a seek decodes on average.
_SEEK_THRESHOLD = 4.0


@dataclass(frozen=True, slots=True)
class TimestampTicks:
    """Arbitrary ticks with the interface of a `Grid`.

    Attributes:
        timestamps: Ascending timestamps in the stream's time base.
    """

    timestamps: Sequence[int]

    def between(self, start: int | Fraction, end: int | Fraction) -> range:
        """Return the indices of the timestamps in [start, end)."""
        return range(bisect_left(self.timestamps, start), bisect_left(self.timestamps, end))


def decode_frames_at(
    source: Source, seconds: Sequence[float], *, long_side: int | None = None
) -> Iterator[SampledFrame]:
    """Yield the pictures shown at given seconds, exact to the frame.

    Args:
        source: Path of the video, or a seekable binary stream.
        seconds: Ascending seconds from the container's start; one before the first picture yields
            the first.
        long_side: Upper limit of a picture's longer side in pixels; None for the video's own size.

    Yields:
        One sample per requested second, with that second as its `time`. Seconds without a decodable
        picture, damaged or after the last one, are left out.

    Raises:
        MediaError: Not a video.
        ValueError: The seconds do not ascend.
    """
    if any(after < before for before, after in pairwise(seconds)):
        raise ValueError("the seconds of a video's pictures must ascend")
    with Video(source) as video:
        converter = FrameConverter(video.stream.sample_aspect_ratio, long_side or UNLIMITED_SIDE)
        targets = [max(video.to_timestamp(second), video.first_timestamp) for second in seconds]
        for run in _group_nearby(targets, int(_SEEK_THRESHOLD / video.time_base)):
            ticks = TimestampTicks(targets[run.start : run.stop])
            first, last = ticks.timestamps[0], ticks.timestamps[-1]
            for frame, numbers in TickFrameReader(video, ticks, start=first, end=last + 1):
                picture = converter.to_picture(frame)
                for number in numbers:
                    yield SampledFrame(seconds[run.start + number], picture)


def _group_nearby(timestamps: Sequence[int], max_distance: int) -> Iterator[range]:
    """Yield index ranges to decode in one run: neighbours at most `max_distance` ticks apart."""
    begin = 0
    for number, timestamp in enumerate(timestamps):
        if timestamp - timestamps[max(begin, number - 1)] > max_distance:
            yield range(begin, number)
            begin = number
    if timestamps:
        yield range(begin, len(timestamps))

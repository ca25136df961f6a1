"""The pictures at chosen seconds of a video, opened once: a hundred of a clip, ten of a film."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from whenanime_pipeline.core.media.frame_conversion import UNLIMITED_SIDE, FrameConverter
from whenanime_pipeline.core.media.frame_sampler import SampledFrame
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Source, Video

# Seconds to the next moment from which on seeking is quicker than decoding on: about half of the
# usual distance of key frames, as much as has to be decoded after a seek.
_SEEK_THRESHOLD = 4.0


@dataclass(frozen=True, slots=True)
class TimestampTicks:
    """Any ascending timestamps, in the place of a `Grid`."""

    timestamps: Sequence[int]

    def between(self, start: int | Fraction, end: int | Fraction) -> range:
        """Return the numbers of the moments in [start, end)."""
        return range(bisect_left(self.timestamps, start), bisect_left(self.timestamps, end))


def decode_frames_at(
    source: Source, seconds: Sequence[float], *, long_side: int | None = None
) -> Iterator[SampledFrame]:
    """Yield the pictures shown at some seconds, found by time and exact to the frame.

    Args:
        source: path of the video, or a seekable binary stream.
        seconds: from the container's start, ascending; before the first picture means the first.
        long_side: upper limit of a picture's longer side in pixels; None for the video's own size.

    Yields:
        A sample a second, its `time` the one asked for. A second at which no picture could be
        decoded, for damage or for lying behind the last one, is left out.

    Raises:
        MediaError: not a video.
        ValueError: the seconds do not ascend.
    """
    if any(after < before for before, after in pairwise(seconds)):
        raise ValueError("the seconds of a video's pictures must ascend")
    with Video(source) as video:
        maker = FrameConverter(video.stream.sample_aspect_ratio, long_side or UNLIMITED_SIDE)
        wanted = [max(video.to_timestamp(second), video.first_timestamp) for second in seconds]
        for run in _group_nearby(wanted, int(_SEEK_THRESHOLD / video.time_base)):
            near = TimestampTicks(wanted[run.start : run.stop])
            first, last = near.timestamps[0], near.timestamps[-1]
            for frame, numbers in TickFrameReader(video, near, start=first, end=last + 1):
                picture = maker.to_picture(frame)
                for number in numbers:
                    yield SampledFrame(seconds[run.start + number], picture)


def _group_nearby(timestamps: Sequence[int], far: int) -> Iterator[range]:
    """Yield the moments that are decoded in one go, none further than `far` from the next."""
    begin = 0
    for number, timestamp in enumerate(timestamps):
        if timestamp - timestamps[max(begin, number - 1)] > far:
            yield range(begin, number)
            begin = number
    if timestamps:
        yield range(begin, len(timestamps))

"""Decodes the pictures at given seconds of a video, opening the file once."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from whenanime_pipeline.core.media.file_reading import FileReading
from whenanime_pipeline.core.media.frame_conversion import UNLIMITED_SIDE, FrameConverter
from whenanime_pipeline.core.media.frame_sampler import SampledFrame
from whenanime_pipeline.core.media.grid import TimestampTicks
from whenanime_pipeline.core.media.playback import Playback
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Source

# Distance in seconds to the next picture from which seeking is faster than decoding on: about half
# of the usual key frame interval, which is what a seek decodes on average.
_SEEK_THRESHOLD = 4.0


def decode_frames_at(
    source: Source,
    seconds: Sequence[float],
    *,
    long_side: int | None = None,
    reading: FileReading | None = None,
) -> Iterator[SampledFrame]:
    """Yield the pictures shown at given seconds, exact to the frame.

    Args:
        source: Path of the video, or a seekable binary stream.
        seconds: Ascending seconds of the player's clock; one before the first picture yields
            the first.
        long_side: Upper limit of a picture's longer side in pixels; None for the video's own size.
        reading: How the file is read where its header tells it wrong.

    Yields:
        One sample per requested second, with that second as its `time`. Seconds without a decodable
        picture, damaged or after the last one, are left out.

    Raises:
        MediaError: Not a video.
        ValueError: The seconds do not ascend.
    """
    if any(after < before for before, after in pairwise(seconds)):
        raise ValueError("the seconds of a video's pictures must ascend")
    with Playback(source, reading=reading) as playback:
        done = 0
        for piece in playback.pieces():
            video = piece.video
            until = None if piece.end is None else video.to_seconds(piece.end)
            here = [one for one in seconds[done:] if until is None or one < until]
            converter = FrameConverter(
                video.stream.sample_aspect_ratio, long_side or UNLIMITED_SIDE
            )
            targets = [max(video.to_timestamp(second), piece.earliest) for second in here]
            for run in _group_nearby(targets, int(_SEEK_THRESHOLD / video.time_base)):
                ticks = TimestampTicks(targets[run.start : run.stop])
                first, last = ticks.timestamps[0], ticks.timestamps[-1]
                for frame, numbers in TickFrameReader(
                    video, ticks, start=first, end=last + 1, cut=piece.cut
                ):
                    picture = converter.to_picture(frame)
                    for number in numbers:
                        yield SampledFrame(here[run.start + number], picture)
            done += len(here)


def _group_nearby(timestamps: Sequence[int], max_distance: int) -> Iterator[range]:
    """Yield index ranges to decode in one run: neighbours at most `max_distance` ticks apart."""
    begin = 0
    for number, timestamp in enumerate(timestamps):
        if timestamp - timestamps[max(begin, number - 1)] > max_distance:
            yield range(begin, number)
            begin = number
    if timestamps:
        yield range(begin, len(timestamps))

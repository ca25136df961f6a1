"""Decodes the picture at one second of a video."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.frame_conversion import FrameConverter
from whenanime_pipeline.core.media.grid import Grid
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Source, Video


def decode_frame_at(source: Source, second: float, *, long_side: int = 640) -> NDArray[np.uint8]:
    """Return the picture shown at a second, exact to the frame.

    Args:
        source: Path of the video, or a seekable binary stream.
        second: Seconds from the container's start; before the first picture yields the first, after
            the last one the last.
        long_side: Upper limit of the longer side in pixels; never scaled up.

    Returns:
        (h, w, 3) RGB.

    Raises:
        MediaError: Not a video, or no picture can be decoded there.
    """
    with Video(source) as video:
        target = max(video.to_timestamp(second), video.first_timestamp)
        converter = FrameConverter(video.stream.sample_aspect_ratio, long_side)
        reader = TickFrameReader(video, Grid(target, Fraction(1)), start=target, end=target + 1)
        shown = next(iter(reader), None)
        frame = reader.last_frame if shown is None else shown.frame
        if frame is None:
            at = f"{second:.1f}"
            raise MediaError(video.name, MediaMessage.NOTHING_DECODED_AROUND(at=at))
        return converter.to_picture(frame)

"""The picture at one second of a video."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.frame_conversion import FrameConverter
from whenanime_pipeline.core.media.grid import Grid
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Source, Video


def decode_frame_at(source: Source, second: float, *, long_side: int = 640) -> NDArray[np.uint8]:
    """Return the picture shown at a second, found by time and exact to the frame.

    Args:
        source: Path of the video, or a seekable binary stream.
        second: Seconds from the container's start; before the first picture means the first,
            after the last the last.
        long_side: Upper limit of the longer side in pixels; never scaled up.

    Returns:
        (h, w, 3) RGB.

    Raises:
        MediaError: Not a video, or no picture can be decoded there.
    """
    with Video(source) as video:
        wanted = max(video.to_timestamp(second), video.first_timestamp)
        maker = FrameConverter(video.stream.sample_aspect_ratio, long_side)
        frames = TickFrameReader(video, Grid(wanted, Fraction(1)), start=wanted, end=wanted + 1)
        shown = next(iter(frames), None)
        frame = frames.last_frame if shown is None else shown.frame
        if frame is None:
            raise MediaError(video.name, f"no picture could be decoded around {second:.1f} s")
        return maker.to_picture(frame)

"""Decodes the picture at one second of a video."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.file_reading import FileReading
from whenanime_pipeline.core.media.frame_conversion import FrameConverter
from whenanime_pipeline.core.media.grid import TimestampTicks
from whenanime_pipeline.core.media.playback import Playback
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Source


def decode_frame_at(
    source: Source, second: float, *, long_side: int = 640, reading: FileReading | None = None
) -> NDArray[np.uint8]:
    """Return the picture shown at a second, exact to the frame.

    Args:
        source: Path of the video, or a seekable binary stream.
        second: Second of the player's clock; before the first picture yields the first, after the
            last one the last.
        long_side: Upper limit of the longer side in pixels; never scaled up.
        reading: How the file is read where its header tells it wrong.

    Returns:
        (h, w, 3) RGB.

    Raises:
        MediaError: Not a video, or no picture can be decoded there.
    """
    with Playback(source, reading=reading) as playback:
        for piece in playback.pieces_at(second):
            video = piece.video
            target = max(video.to_timestamp(second), piece.earliest)
            if piece.end is not None:
                target = min(target, piece.end - 1)
            converter = FrameConverter(
                video.stream.sample_aspect_ratio, long_side, for_display=True
            )
            ticks = TimestampTicks([target])
            reader = TickFrameReader(video, ticks, start=target, end=target + 1, cut=piece.cut)
            shown = next(iter(reader), None)
            frame = reader.last_frame if shown is None else shown.frame
            if frame is not None:
                return converter.to_picture(frame)
        at = f"{second:.1f}"
        raise MediaError(playback.name, MediaMessage.NOTHING_DECODED_AROUND(at=at))

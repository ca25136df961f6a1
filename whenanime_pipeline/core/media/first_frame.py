"""Decodes the first picture of an untrusted video with bounded time and memory."""

from contextlib import suppress
from io import BytesIO
from itertools import islice

import numpy as np
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.frame_conversion import FrameConverter
from whenanime_pipeline.core.media.frame_decoding import VideoPacket
from whenanime_pipeline.core.media.video import Video

_MAX_PACKETS = 2_000
"""Maximum packets read before the first picture: a clip may hold frames before its cut."""
_MAX_DECODED_PIXELS = 2_000_000_000
"""Maximum pixels decoded before the first picture: 40 seconds of 1080p, 60 pictures of 8K."""
_OPEN_TIMEOUT = 3.0
"""Seconds allowed for opening the file."""
_MAX_STREAMS = 16
_LOW_DELAY = (
    1 << 19
)  # AV_CODEC_FLAG_LOW_DELAY: the decoder returns a picture as soon as it is complete


def decode_first_frame(data: bytes, *, long_side: int, max_pixels: int) -> NDArray[np.uint8]:
    """Decode the first displayed picture of a video and nothing after it.

    Args:
        data: Content of the file.
        long_side: Upper limit of the longer side in pixels; never scaled up.
        max_pixels: Maximum pixels of a picture; larger ones are refused before decoding.

    Returns:
        (h, w, 3) RGB.

    Raises:
        MediaError: Too large, not a video, or without a decodable picture at its beginning.
    """
    # These bounds hold while FFmpeg probes the file, which decodes pictures to learn their size.
    bounds = {"max_pixels": str(max_pixels), "max_streams": str(_MAX_STREAMS), "threads": "1"}
    with Video(BytesIO(data), threads=1, options=bounds, timeout=_OPEN_TIMEOUT) as video:
        width, height = video.stream.width, video.stream.height
        if width * height > max_pixels:
            raise MediaError(
                video.name,
                MediaMessage.VIDEO_SIZE(
                    width=width, height=height, megapixels=f"{max_pixels / 1e6:g}"
                ),
            )
        decoder = video.stream.codec_context
        decoder.options = {"max_pixels": str(max_pixels)}
        decoder.flags |= _LOW_DELAY
        converter = FrameConverter(video.stream.sample_aspect_ratio, long_side)
        packets = video.container.demux(video.stream)
        max_packets = min(_MAX_PACKETS, _MAX_DECODED_PIXELS // max(1, width * height))
        with suppress(FFmpegError):  # the file ends in damage
            for packet in islice(packets, max_packets):
                for frame in _decode_packet(decoder, packet):
                    return converter.to_picture(frame)
        raise MediaError(video.name, MediaMessage.NOTHING_DECODED_AT_START())


def _decode_packet(decoder: VideoCodecContext, packet: VideoPacket) -> list[VideoFrame]:
    try:
        return decoder.decode(packet)
    except FFmpegError:
        return []  # a damaged packet; the next one may be sound

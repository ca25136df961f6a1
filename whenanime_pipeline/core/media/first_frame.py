"""Decodes the first picture of an untrusted video that shows something, within bounds."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from io import BytesIO
from itertools import islice

import numpy as np
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from whenanime_pipeline.core.media.contrast import (
    SMALL_SIZE,
    ShowingPicture,
    measure_contrast,
)
from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.frame_conversion import FrameConverter
from whenanime_pipeline.core.media.frame_decoding import VideoPacket
from whenanime_pipeline.core.media.time_limit import TimeLimit
from whenanime_pipeline.core.media.video import Video

_MAX_PACKETS = 2_000
"""Maximum packets read: a clip may hold frames before its cut, and begin with black ones."""
_MAX_DECODED_PIXELS = 2_000_000_000
"""Maximum pixels decoded: 40 seconds of 1080p, 60 pictures of 8K."""
_DECODING_SECONDS = 5.0
"""Processor seconds after which no more pictures are decoded once there is one."""
_OPEN_TIMEOUT = 3.0
"""Seconds allowed for opening the file."""
_MAX_STREAMS = 16
_LOW_DELAY = (
    1 << 19
)  # AV_CODEC_FLAG_LOW_DELAY: the decoder returns a picture as soon as it is complete


def decode_first_frame(data: bytes, *, long_side: int, max_pixels: int) -> NDArray[np.uint8]:
    """Decode the first displayed picture of a video that shows something, as players show it.

    Where the first is clear, nothing after it is decoded; where none shows anything, the first is
    returned.

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
        aspect = video.stream.sample_aspect_ratio
        max_packets = min(_MAX_PACKETS, _MAX_DECODED_PIXELS // max(1, width * height))
        packets = islice(video.container.demux(video.stream), max_packets)
        shown = _choose_frame(_decode_packets(decoder, packets), aspect)
        if shown is None:
            raise MediaError(video.name, MediaMessage.NOTHING_DECODED_AT_START())
        return FrameConverter(aspect, long_side, for_display=True).to_picture(shown)


def _choose_frame(frames: Iterator[VideoFrame], aspect: Fraction | None) -> VideoFrame | None:
    """Return the first frame that shows something, else the first; None when there is none."""
    converter, choice = FrameConverter(aspect, max(SMALL_SIZE)), ShowingPicture()
    chosen: VideoFrame | None = None
    limit = TimeLimit(_DECODING_SECONDS)
    for frame in frames:
        if choice.prefers(measure_contrast(converter.to_picture(frame))):
            chosen = frame
        if choice.is_decided or limit.is_over:
            break
    return chosen


def _decode_packets(
    decoder: VideoCodecContext, packets: Iterable[VideoPacket]
) -> Iterator[VideoFrame]:
    with suppress(FFmpegError):  # the file ends in damage
        for packet in packets:
            yield from _decode_packet(decoder, packet)


def _decode_packet(decoder: VideoCodecContext, packet: VideoPacket) -> list[VideoFrame]:
    try:
        return decoder.decode(packet)
    except FFmpegError:
        return []  # a damaged packet; the next one may be sound

"""Hostile videos: small files that cost much memory or time."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from av.video.stream import VideoStream

_EBML = b"\x1a\x45\xdf\xa3"


def video_bombs() -> Mapping[str, Callable[[], bytes]]:
    """Return name → function that makes the video."""
    return {
        "mp4 of 67 megapixels": lambda: encode_gray_video("mp4", "libx264", 8192, 8192),
        "mp4 of 33 megapixels, 40 pictures": lambda: encode_gray_video(
            "mp4", "libx264", 7680, 4320, 40
        ),
        "mkv of packets that are no pictures": lambda: video_of_packets("matroska", 300_000),
        "avi of packets that are no pictures": lambda: video_of_packets("avi", 300_000),
        "mp4 of packets that are no pictures": lambda: video_of_packets("mp4", 300_000),
        "mp4 of many streams": lambda: video_of_streams(400),
        "mp4 cut off": lambda: encode_gray_video("mp4", "libx264", 320, 180, 8)[:1500],
        "mkv cut off": lambda: encode_gray_video("matroska", "libx264", 320, 180, 8)[:1500],
        "mp4 that is nothing else": lambda: b"\0\0\0\x18ftypisom" + bytes(4096),
        "mp4 that names a playlist": lambda: b"\0\0\0\x18ftypisom\n#EXTM3U\n/etc/passwd\n",
        "mkv that is nothing else": lambda: _EBML + bytes(4096),
        "avi that is nothing else": lambda: b"RIFF\xff\xff\xff\x7fAVI " + bytes(4096),
        "playlist of a file": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "list of files to join": lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
    }


def encode_gray_video(container: str, codec: str, width: int, height: int, count: int = 1) -> bytes:
    """Return a video of gray pictures.

    Args:
        container: FFmpeg's name of the format.
        codec: FFmpeg's name of the encoder.
        width: width in pixels.
        height: height in pixels.
        count: number of pictures.
    """
    out = BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=24, options={"preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        gray = np.full((height * 3 // 2, width), 128, np.uint8)
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(gray, format="yuv420p")
            frame.pts = number
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


def video_of_packets(container: str, count: int) -> bytes:
    """Return a video of very many one-byte packets that decode to no picture."""
    out = BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(count):
            packet = av.Packet(b"\0")
            packet.stream, packet.time_base = stream, Fraction(1, 24)
            packet.pts = packet.dts = number
            file.mux(packet)
    return out.getvalue()


def video_of_streams(count: int) -> bytes:
    """Return a video of many streams with one picture each."""
    out = BytesIO()
    with av.open(out, "w", format="mp4") as file:
        streams = [file.add_stream("mpeg4", rate=24) for _ in range(count)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for stream in streams:
            frame = av.VideoFrame.from_ndarray(np.full((54, 64), 128, np.uint8), format="yuv420p")
            frame.pts = 0
            file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
    return out.getvalue()

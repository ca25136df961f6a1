"""Opening a video file and choosing its picture stream: the one place where files meet FFmpeg."""

import re
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from whenanime_pipeline.core.media.errors import MediaError

# Only containers that hold pictures themselves. Playlists (HLS, DASH, concat) would let a text
# file named .mp4 make FFmpeg open other files or addresses.
_FORMATS = "mov,matroska,avi,mpegts,mpeg,flv,ogg,asf,h264,hevc,ivf,m4v,mpegvideo,rm,nut,mxf,dv"
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}

Source = str | PathLike[str] | BinaryIO


def source_name(source: Source) -> str | PathLike[str]:
    """Return what messages call a source: its path, or "upload" for bytes in memory."""
    return source if isinstance(source, str | PathLike) else "upload"


def open_container(source: Source) -> InputContainer:
    """Open a file (or a seekable binary stream) for reading.

    Raises:
        MediaError: The file is missing, empty, unreadable or not a video container.
    """
    name = source_name(source)
    try:
        if isinstance(source, str | PathLike):
            path = Path(source)
            if path.stat().st_size == 0:
                raise MediaError(name, "the file is empty (0 bytes)")
            # FFmpeg reads "a:b.mp4" as a protocol; with its own prefix a path is only a path.
            source = f"file:{path}"
        return av.open(source, mode="r", options=_OPTIONS, metadata_errors="replace")
    except FFmpegError as error:
        raise MediaError(name, f"not a readable video file ({error.strerror})") from error
    except OSError as error:
        raise MediaError(name, error.strerror or str(error)) from error


def video_stream(container: InputContainer, name: str | PathLike[str]) -> VideoStream:
    """Return the stream of moving pictures, never cover art; the other streams are left unread.

    Raises:
        MediaError: There is none, or no decoder for it.
    """
    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not moving:
        what = "only cover art" if container.streams.video else "no video stream"
        raise MediaError(name, f"{what} in it, so there is nothing to see")
    stream = max(moving, key=lambda s: (bool(s.disposition & Disposition.default), -s.index))
    if stream.codec_context is None:
        raise MediaError(name, "no decoder for its video stream")
    for other in container.streams:
        if other.index != stream.index and other.type != "audio":
            other.discard = Discard.all
    return stream


def time_base(stream: VideoStream) -> Fraction:
    """Return the length of one tick of the stream's timestamps in seconds."""
    return stream.time_base or Fraction(1, 90_000)


def start_offset(container: InputContainer) -> Fraction:
    """Return the container's start in seconds, which players show as 0:00."""
    return Fraction(container.start_time or 0, av.time_base)


def frame_seconds(stream: VideoStream) -> Fraction:
    """Return how long one frame is shown by the stream's average rate, in seconds."""
    rate = stream.average_rate or stream.guessed_rate
    return 1 / rate if rate else Fraction(1, 24)


def declared_end(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Return where the pictures end by the file's own account, in seconds from its start.

    The stream's own length counts before the container's, which the sound may stretch. None for
    a file that declares none (a raw stream, a recording that was never finished).
    """
    offset = start_offset(container)
    if stream.duration is not None:
        return ((stream.start_time or 0) + stream.duration) * time_base(stream) - offset
    tagged = _tagged_seconds(stream.metadata.get("DURATION", ""))
    if tagged is not None:
        return tagged - offset
    return None if container.duration is None else Fraction(container.duration, av.time_base)


def _tagged_seconds(text: str) -> Fraction | None:
    """Read Matroska's statistics tag, "00:23:40.085000000"."""
    match = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", text.strip())
    if match is None:
        return None
    return 3600 * int(match[1]) + 60 * int(match[2]) + Fraction(match[3])

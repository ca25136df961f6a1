"""Reads facts about a video from its header and first picture."""

from dataclasses import dataclass
from fractions import Fraction
from os import PathLike

from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame

from whenanime_pipeline.core.media.chapters import Chapter, read_chapters
from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.file_reading import PLAIN, FileReading
from whenanime_pipeline.core.media.frame_conversion import (
    UNLIMITED_SIDE,
    fit_display_size,
    read_display_matrix,
)
from whenanime_pipeline.core.media.grid import Grid
from whenanime_pipeline.core.media.playback import Playback
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Video

_UNSPECIFIED = 2  # AVCOL_TRC_UNSPECIFIED: profiles that others can show are tagged as HDR or SDR
_DOLBY_TAGS = frozenset({"dvh1", "dvhe", "dva1", "dvav", "dav1"})
_DOLBY_VISION = frozenset({Type.DOVI_RPU_BUFFER, Type.DOVI_METADATA})


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """Facts about a video.

    Attributes:
        duration: Declared end of the pictures in seconds from the container's start; None when
            the file declares none.
        width: Width in pixels as displayed: square pixels, upright.
        height: Height in pixels as displayed.
        fps: Average frames per second; None when unknown.
        codec: Name of the video codec in FFmpeg, such as "h264".
        has_audio: Whether there is a sound track.
        chapters: Chapters in order of time.
    """

    duration: float | None
    width: int
    height: int
    fps: float | None
    codec: str
    has_audio: bool
    chapters: tuple[Chapter, ...]


def needs_dolby_vision(codec_tag: str, frame: VideoFrame) -> bool:
    """Whether a frame has colours that are nothing without Dolby Vision, as in profile 5.

    Args:
        codec_tag: Tag of its stream's codec, such as "dvh1".
        frame: First picture of the stream.
    """
    is_tagged = frame.color_trc != _UNSPECIFIED
    is_dolby = codec_tag in _DOLBY_TAGS or any(kind in frame.side_data for kind in _DOLBY_VISION)
    return is_dolby and not is_tagged


def probe_video(path: str | PathLike[str], reading: FileReading = PLAIN) -> VideoInfo:
    """Read facts about a video from its header and first picture.

    Args:
        path: A video.
        reading: How it is read where its header tells it wrong.

    Raises:
        MediaError: Not a video, or its first picture cannot be decoded.
    """
    with Playback(path, reading=reading, threads=1) as playback:
        video = playback.main
        stream = video.stream
        shown = next(iter(TickFrameReader(video, Grid(video.first_timestamp, Fraction(1)))), None)
        if shown is None:
            raise MediaError(video.name, MediaMessage.NOTHING_DECODED())
        frame = shown.frame
        if needs_dolby_vision(stream.codec_context.codec_tag, frame):
            raise MediaError(video.name, MediaMessage.DOLBY_VISION())
        width, height = fit_display_size(
            frame.width, frame.height, stream.sample_aspect_ratio, UNLIMITED_SIDE
        )
        _, b, _, d = read_display_matrix(frame)
        if abs(b) > abs(d):
            width, height = height, width
        rate = stream.average_rate or stream.guessed_rate
        end = playback.end
        return VideoInfo(
            duration=None if end is None else float(end),
            width=width,
            height=height,
            fps=None if not rate else float(rate),
            codec=stream.codec_context.codec.canonical_name,
            has_audio=bool(video.container.streams.audio),
            chapters=read_chapters(video) if reading.chapters is None else reading.chapters,
        )


def probe_header(path: str | PathLike[str]) -> tuple[float | None, int | None]:
    """Read duration and height from a video's header; no picture is decoded.

    Returns:
        Declared end of the pictures in seconds, and the stored height in pixels; None for what the
        file does not declare, both when it is no video that can be opened.
    """
    try:
        with Video(path, threads=1) as video:
            end, height = video.declared_end, video.stream.height
    except MediaError:
        return None, None
    return None if end is None else float(end), height or None

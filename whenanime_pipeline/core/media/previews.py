"""Cuts short previews out of a video as MP4 or GIF, exact to the frame."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import chain, takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import PictureType, VideoFrame
from numpy.typing import NDArray

from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.file_reading import FileReading
from whenanime_pipeline.core.media.frame_conversion import FrameConverter
from whenanime_pipeline.core.media.playback import Playback
from whenanime_pipeline.core.media.sound import SAMPLE_RATE, read_sound
from whenanime_pipeline.core.media.tick_frames import TickFrameReader
from whenanime_pipeline.core.media.video import Source

_MAX_RATE = Fraction(30)  # frames per second: 60 would double the size of a preview
_BT709 = 1  # AVCOL_PRI_BT709, AVCOL_TRC_BT709 and AVCOL_SPC_BT709 alike
_VIDEO_RANGE = 1  # AVCOL_RANGE_MPEG


@dataclass(frozen=True, slots=True)
class Preview:
    """An encoded preview.

    Attributes:
        data: Content of the file.
        start: Second of the source that the first frame shows, from the container's start.
        end: Second of the source at which the preview ends.
        media_type: "video/mp4" or "image/gif".
    """

    data: bytes
    start: float
    end: float
    media_type: str


def cut_mp4_preview(
    source: Source,
    start: float,
    end: float,
    *,
    width: int = 640,
    mute: bool = True,
    reading: FileReading | None = None,
) -> Preview:
    """Cut a range out of a video as a small MP4 (H.264, yuv420p) with its index in front.

    Args:
        source: Path of the video, or a seekable binary stream.
        start: Seconds from the container's start; a range outside the file is moved into it.
        end: Second at which to stop, after `start`.
        width: Upper limit of the longer side in pixels; never scaled up.
        mute: Whether to leave the sound out; else it is encoded as AAC.
        reading: How the file is read where its header tells it wrong.

    Raises:
        MediaError: Not a video, or no picture can be decoded in the range.
        ValueError: `end` is not after `start`.
    """
    sound = None if mute else _read_range_sound(source, start, end, reading)
    with Playback(source, reading=reading) as playback:
        begin, finish = _clamp_range(playback, start, end)
        rate = min(1 / playback.main.frame_duration, _MAX_RATE).limit_denominator(1001)
        frames = _convert_frames(
            playback, begin, finish, rate, width, FrameConverter.to_video_frame
        )
        return Preview(_encode_mp4(frames, rate, sound), begin, finish, "video/mp4")


def cut_gif_preview(
    source: Source,
    start: float,
    end: float,
    *,
    width: int = 320,
    fps: float = 10.0,
    reading: FileReading | None = None,
) -> Preview:
    """Cut a range out of a video as a looping GIF with an optimised palette.

    Args:
        source: Path of the video, or a seekable binary stream.
        start: Seconds from the container's start; a range outside the file is moved into it.
        end: Second at which to stop, after `start`.
        width: Upper limit of the longer side in pixels; never scaled up.
        fps: Frames per second.
        reading: How the file is read where its header tells it wrong.

    Raises:
        MediaError: Not a video, or no picture can be decoded in the range.
        ValueError: `end` is not after `start`.
    """
    with Playback(source, reading=reading) as playback:
        begin, finish = _clamp_range(playback, start, end)
        rate = Fraction(fps).limit_denominator(1001)
        frames = _convert_frames(playback, begin, finish, rate, width, FrameConverter.to_rgb_frame)
        return Preview(_encode_gif(frames, rate), begin, finish, "image/gif")


def _clamp_range(playback: Playback, start: float, end: float) -> tuple[float, float]:
    """Clamp a range to the file; a range after its end becomes its last part."""
    if end <= start:
        raise ValueError(f"a preview must end after it starts, not {start} to {end}")
    first = float(playback.first)
    last = playback.latest_end
    if last is not None:
        if start >= last:
            start, end = float(last) - (end - start), float(last)
        end = min(end, float(last))
    start = max(start, first)
    return start, max(end, start + float(playback.main.frame_duration))


def _read_range_sound(
    source: Source, start: float, end: float, reading: FileReading | None
) -> NDArray[np.float32] | None:
    """Read the sound before the pictures: a binary stream has one read position only."""
    with Playback(source, reading=reading) as playback:
        begin, finish = _clamp_range(playback, start, end)
    return read_sound(source, begin, finish, reading)


def _convert_frames(
    playback: Playback,
    start: float,
    end: float,
    rate: Fraction,
    width: int,
    convert: Callable[[FrameConverter, VideoFrame], VideoFrame],
) -> Iterator[VideoFrame]:
    """Yield converted frames with timestamps at `rate`; damaged stretches skip timestamps.

    Args:
        playback: Open video.
        start: Second of the player's clock.
        end: Second at which to stop.
        rate: Frames per second.
        width: Upper limit of the longer side in pixels.
        convert: Conversion of a decoded frame to the one to encode.

    Raises:
        MediaError: No picture can be decoded in the range.
    """
    frame = None
    for piece in playback.pieces(start, end):
        converter = FrameConverter(piece.video.stream.sample_aspect_ratio, width, for_display=True)
        # Rounded as the range is, so that the first picture has the first tick.
        begin = piece.video.to_exact_seconds(piece.video.to_timestamp(start))
        grid = piece.grid(begin, 1 / rate)
        for decoded, numbers in TickFrameReader(
            piece.video, grid, start=piece.start, end=piece.end, cut=piece.cut
        ):
            # An unscaled frame is the decoder's own, which nothing else needs any more.
            frame = convert(converter, decoded)
            frame.time_base = 1 / rate
            frame.pict_type = PictureType.NONE  # else the encoder keeps the source's picture type
            for frame.pts in numbers:
                yield frame
    if frame is None:
        raise MediaError(playback.name, MediaMessage.NOTHING_DECODED_FROM(at=f"{start:.1f}"))


def _take_while_same_size(frames: Iterator[VideoFrame]) -> tuple[VideoFrame, Iterator[VideoFrame]]:
    """Return the first frame, and all frames up to a change of size, which encoders cannot follow.

    There is always a first frame: `_convert_frames` raises where there is none.
    """
    first = next(frames)
    size = first.width, first.height
    return first, takewhile(lambda one: (one.width, one.height) == size, chain([first], frames))


def _encode_mp4(
    frames: Iterator[VideoFrame],
    rate: Fraction,
    sound: NDArray[np.float32] | None,
) -> bytes:
    with TemporaryDirectory(prefix="preview-") as folder:
        # A real file, because faststart reads its output again to put the index in front.
        file = Path(folder) / "preview.mp4"
        _write_mp4(file, frames, rate, sound)
        return file.read_bytes()


def _write_mp4(
    file: Path,
    frames: Iterator[VideoFrame],
    rate: Fraction,
    sound: NDArray[np.float32] | None,
) -> None:
    first, frames = _take_while_same_size(frames)
    with av.open(file, "w", format="mp4", options={"movflags": "+faststart"}) as output:
        video = output.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "26"})
        video.width, video.height, video.pix_fmt = first.width, first.height, "yuv420p"
        context = video.codec_context
        context.time_base = 1 / rate
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _VIDEO_RANGE
        audio = (
            None if sound is None else output.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        )
        for frame in frames:
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        if audio is not None and sound is not None:
            whole = av.AudioFrame.from_ndarray(sound, format="fltp", layout="stereo")
            whole.sample_rate, whole.pts, whole.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
            output.mux(audio.encode(whole))
            output.mux(audio.encode(None))


def _encode_gif(frames: Iterator[VideoFrame], rate: Fraction) -> bytes:
    first, frames = _take_while_same_size(frames)
    width, height = first.width, first.height
    graph = Graph()
    source = graph.add_buffer(
        width=width, height=height, format=VideoFormat("rgb24"), time_base=1 / rate
    )
    split = graph.add("split")
    make, use = graph.add("palettegen"), graph.add("paletteuse", "dither=bayer:bayer_scale=4")
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(make, 0, 0)
    split.link_to(use, 1, 0)
    make.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    for frame in frames:
        graph.vpush(frame)
    graph.vpush(None)
    buffer = BytesIO()
    with av.open(buffer, "w", format="gif", options={"loop": "0"}) as output:
        stream = output.add_stream("gif", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        for frame in _pull_frames(graph):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def _pull_frames(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (EOFError, BlockingIOError):
            return

"""Writes video files whose frames encode their number in pixels, and reads it back."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

FILM = Fraction(24000, 1001)
_LUMA = np.round(16 + np.arange(256) * (219 / 255)).astype(np.uint8)  # for full-range gray levels
COLUMNS, ROWS = 8, 2  # blocks, dark or bright, for sixteen bits


def numbered_picture(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """Return (height, width) gray with the bits of `number` as blocks, the highest bit first."""
    bits = np.array([number >> bit & 1 for bit in reversed(range(COLUMNS * ROWS))], np.uint8)
    blocks = (16 + 219 * bits).reshape(ROWS, COLUMNS)
    rows = np.arange(height) * ROWS // height
    columns = np.arange(width) * COLUMNS // width
    return blocks[rows][:, columns]


def read_number(picture: NDArray[Any]) -> int:
    """Return the number in an RGB or gray picture of any size."""
    gray = picture if picture.ndim == 2 else picture.mean(axis=2)
    height, width = gray.shape
    number = 0
    for row in range(ROWS):
        for column in range(COLUMNS):
            y, x = int((row + 0.5) * height / ROWS), int((column + 0.5) * width / COLUMNS)
            number = number << 1 | int(gray[y - 1 : y + 2, x - 1 : x + 2].mean() > 127)
    return number


def write_video(
    path: Path,
    *,
    frames: int,
    rate: Fraction = FILM,
    size: tuple[int, int] = (160, 90),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    container_format: str | None = None,
    time: Callable[[int], Fraction] | None = None,
    aspect: Fraction | None = None,
    rotation: int = 0,
    mirrored: bool = False,
    draw: Callable[[int, int, int], NDArray[np.uint8]] = numbered_picture,
    sound_seconds: float = 0.0,
    cover: bool = False,
) -> Path:
    """Write a numbered video; `time` returns the second of frame n, by default n / rate."""
    width, height = size
    tick = Fraction(1, 90_000) if time else 1 / rate
    second_of = time or (lambda number: number / rate)
    with av.open(path, "w", format=container_format, options=container_options or {}) as output:
        video = output.add_stream(codec, rate=rate, options=options or {})
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = width, height, pixel_format
        video.codec_context.time_base = tick
        video.codec_context.thread_count = 1
        if aspect is not None:
            video.codec_context.sample_aspect_ratio = aspect
        if rotation or mirrored:
            video.set_display_rotation(rotation, hflip=mirrored)
        audio = output.add_stream("aac", rate=48_000, layout="mono") if sound_seconds else None
        art = output.add_stream("mjpeg", rate=1) if cover else None
        if isinstance(art, VideoStream):
            art.width, art.height, art.pix_fmt = 64, 64, "yuvj420p"
            art.disposition = Disposition.attached_pic
            gray = np.full((96, 64), 128, np.uint8)
            output.mux(art.encode(av.VideoFrame.from_ndarray(gray, format="yuvj420p")))
            output.mux(art.encode(None))
        if audio is not None:  # first: the muxer buffers it and interleaves it with the pictures
            output.mux(audio.encode(_tone(sound_seconds)))
            output.mux(audio.encode(None))
        planes = np.full((height * 3 // 2, width), 128, np.uint8)
        for number in range(frames):
            gray = draw(number, width, height)
            planes[:height] = _LUMA[gray]
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            if pixel_format != "yuv420p":
                frame = frame.reformat(format=pixel_format)
            frame.pts, frame.time_base = round(second_of(number) / tick), tick
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
    return path


def _tone(seconds: float) -> av.AudioFrame:
    wave = np.sin(np.arange(round(seconds * 48_000)) * (2 * np.pi * 440 / 48_000))
    frame = av.AudioFrame.from_ndarray(
        (0.5 * wave)[None].astype(np.float32), format="fltp", layout="mono"
    )
    frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
    return frame


def write_sound(path: Path, seconds: float = 2.0) -> Path:
    """Write a file with sound only."""
    with av.open(path, "w") as output:
        audio = output.add_stream("aac", rate=48_000, layout="mono")
        output.mux(audio.encode(_tone(seconds)))
        output.mux(audio.encode(None))
    return path

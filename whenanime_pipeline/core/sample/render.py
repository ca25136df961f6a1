"""Renders an episode's plan to a file with H.264 and AAC through PyAV."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from whenanime_pipeline.core.sample.compositing import Picture, cross_dissolve
from whenanime_pipeline.core.sample.music import SAMPLE_RATE, compose_soundtrack
from whenanime_pipeline.core.sample.series import Series
from whenanime_pipeline.core.sample.shot_renderer import ShotRenderer, Size
from whenanime_pipeline.core.sample.shots import EpisodePlan

FRAME_RATE = Fraction(24000, 1001)
KEYFRAME_EVERY = 96  # frames: 4 s, so that seeking decodes few frames
_FORMATS = {".mp4": "mp4", ".mkv": "matroska"}
_LIMITED, _BT601 = 1, 6  # FFmpeg's AVCOL_RANGE_MPEG and AVCOL_SPC_SMPTE170M


def render_pictures(
    series: Series, plan: EpisodePlan, size: Size
) -> Iterator[tuple[Picture, bool]]:
    """Yield an episode's pictures in order.

    Yields:
        (RGB (h, w, 3) uint8, whether it differs from the previous one).
    """
    last: Picture | None = None
    for shot in plan.shots:
        film = ShotRenderer(shot, series.cast, series.style, size)
        before, key = last, None
        for frame in range(shot.frames):
            if frame < shot.dissolve and before is not None:
                amount = (frame + 1) / (shot.dissolve + 1)
                last, key = cross_dissolve(before, film.render_picture(frame), amount), None
                yield last, True
                continue
            frame_key = film.picture_key(frame)
            fresh = frame_key != key or last is None
            if fresh or last is None:
                last, key = film.render_picture(frame), frame_key
            yield last, fresh


def _to_video_frame(picture: Picture) -> VideoFrame:
    """Convert a picture for the encoder: planar 4:2:0, BT.601."""
    planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420))
    return VideoFrame.from_ndarray(planes, format="yuv420p")


def render_episode(series: Series, plan: EpisodePlan, size: Size, target: Path) -> None:
    """Render an episode to a file.

    Args:
        series: series of the episode.
        plan: plan to render.
        size: (width, height) in pixels, both even.
        target: `.mp4` or `.mkv` file, written under a temporary name and renamed when complete.

    Raises:
        KeyError: the file has another suffix.
        OSError: the file cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    try:
        with av.open(
            str(partial), "w", format=_FORMATS[target.suffix], options={"fflags": "+bitexact"}
        ) as container:
            _encode_episode(container, series, plan, size)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _encode_episode(
    container: av.container.OutputContainer, series: Series, plan: EpisodePlan, size: Size
) -> None:
    video = container.add_stream("libx264", rate=FRAME_RATE)
    video.width, video.height, video.pix_fmt = size[0], size[1], "yuv420p"
    video.codec_context.thread_count = 1  # episodes are rendered side by side
    video.codec_context.gop_size = KEYFRAME_EVERY
    video.codec_context.color_range = _LIMITED
    video.codec_context.colorspace = _BT601
    video.options = {"preset": "veryfast", "crf": "20", "tune": "animation"}
    audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
    audio.bit_rate = 64_000
    sound = compose_soundtrack(plan, series.seed)
    encoded_samples, converted = 0, None
    for number, (picture, fresh) in enumerate(render_pictures(series, plan, size)):
        if fresh or converted is None:
            converted = _to_video_frame(picture)
        converted.pts, converted.time_base = number, 1 / FRAME_RATE
        container.mux(video.encode(converted))
        due = round((number + 1) / FRAME_RATE * SAMPLE_RATE)
        if due - encoded_samples > SAMPLE_RATE // 4 or number == plan.frames - 1:
            part = AudioFrame.from_ndarray(
                sound[None, encoded_samples:due], format="fltp", layout="mono"
            )
            part.sample_rate, part.pts, part.time_base = (
                SAMPLE_RATE,
                encoded_samples,
                Fraction(1, SAMPLE_RATE),
            )
            container.mux(audio.encode(part))
            encoded_samples = due
    container.mux(video.encode(None))
    container.mux(audio.encode(None))

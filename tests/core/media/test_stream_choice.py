"""The stream that is shown, among several of pictures."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from whenanime_pipeline.core.media.file_probe import probe_reading
from whenanime_pipeline.core.media.thumbnails import decode_frame_at


def _write_streams(
    path: Path, container: str, streams: list[tuple[str, tuple[int, int], int, int]]
) -> Path:
    """Write streams, each of a codec, a size, a number of pictures and a gray level."""
    with av.open(path, "w", format=container) as output:
        made: list[VideoStream] = []
        for codec, (width, height), _, _ in streams:
            video = output.add_stream(codec, rate=24)
            assert isinstance(video, VideoStream)
            video.width, video.height = width, height
            video.pix_fmt = "yuv420p"
            video.disposition = Disposition.default if not made else Disposition(0)
            made.append(video)
        for number in range(48):
            for video, (_, (width, height), frames, level) in zip(made, streams, strict=True):
                if number >= frames:
                    continue
                gray: NDArray[np.uint8] = np.full((height, width), level, np.uint8)
                frame = av.VideoFrame.from_ndarray(gray, format="gray").reformat(
                    format=video.pix_fmt
                )
                frame.pts, frame.time_base = number, Fraction(1, 24)
                output.mux(video.encode(frame))
        for video in made:
            output.mux(video.encode(None))
    return path


def test_a_still_is_left_for_the_moving_stream(tmp_path: Path) -> None:
    path = _write_streams(
        tmp_path / "card.mkv",
        "matroska",
        [("libx264", (96, 64), 1, 200), ("libx264", (64, 48), 48, 60)],
    )
    reading = probe_reading(path)
    assert reading.stream == 1
    assert decode_frame_at(path, 1.0, reading=reading).mean() == pytest.approx(60, abs=12)


def test_the_large_program_is_shown(tmp_path: Path) -> None:
    path = _write_streams(
        tmp_path / "programs.ts",
        "mpegts",
        [("mpeg2video", (64, 48), 48, 200), ("mpeg2video", (320, 240), 48, 60)],
    )
    reading = probe_reading(path)
    assert reading.stream == 1
    assert decode_frame_at(path, 1.0, reading=reading).shape == (240, 320, 3)


def test_the_default_stream_is_kept(tmp_path: Path) -> None:
    streams = [("libx264", (64, 48), 48, 200), ("libx264", (320, 240), 48, 60)]
    path = _write_streams(tmp_path / "two.mkv", "matroska", streams)
    assert probe_reading(path).id == ""

"""Recordings whose size or pixel aspect changes midway."""

from fractions import Fraction
from pathlib import Path

import pytest
from numbered_video import write_video

from whenanime_pipeline.core.media.file_probe import probe_reading
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.previews import cut_mp4_preview
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.media.video import Video


def _write_joined(path: Path, codec: str) -> Path:
    """Write four seconds of 4:3 and four of 16:9."""
    data = b""
    for start, size, aspect in ((0, (320, 240), Fraction(1)), (4, (240, 180), Fraction(4, 3))):
        part = write_video(
            path,
            frames=96,
            rate=Fraction(24),
            size=size,
            codec=codec,
            options={"g": "12"},
            aspect=aspect,
            container_format="mpegts",
            container_options={"output_ts_offset": str(start)},
        )
        data += part.read_bytes()
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("codec", ["mpeg2video", "libx264"])
def test_each_picture_has_the_shape_of_its_frame(tmp_path: Path, codec: str) -> None:
    path = _write_joined(tmp_path / "recording.ts", codec)
    reading = probe_reading(path)
    assert reading.varying_shape
    shapes = [decode_frame_at(path, second, reading=reading).shape for second in (1.5, 6.5)]
    assert [width / height for height, width, _ in shapes] == pytest.approx([4 / 3, 16 / 9], 0.01)
    with FrameSampler(path, fps=2, reading=reading) as sampler:
        sampled = [(one.time, one.picture.shape) for one in sampler]
    for time, (height, width, _) in sampled:
        assert width / height == pytest.approx(4 / 3 if time < 4 else 16 / 9, 0.01)
    preview = tmp_path / "preview.mp4"
    preview.write_bytes(cut_mp4_preview(path, 6, 7, reading=reading).data)
    with Video(preview) as video:
        assert video.stream.width / video.stream.height == pytest.approx(16 / 9, 0.02)

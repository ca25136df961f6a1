"""Dolby Vision whose colours only its own decoders restore is refused by name."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from whenanime_pipeline.core.media.errors import MediaError, MediaMessage
from whenanime_pipeline.core.media.probe import probe_video


def _write(path: Path, *, transfer: int) -> Path:
    """Write HEVC under the tag of Dolby Vision."""
    with av.open(path, "w", options={"strict": "unofficial"}) as output:
        options = {"x265-params": "log-level=none:pools=none", "preset": "ultrafast"}
        video = output.add_stream("libx265", rate=24, options=options)
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        video.codec_context.color_trc = transfer
        video.codec_context.codec_tag = "hvc1"
        for number in range(8):
            frame = av.VideoFrame.from_ndarray(np.full((96, 64), 128, np.uint8), format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
    path.write_bytes(path.read_bytes().replace(b"hvc1", b"dvh1"))
    return path


def test_untagged_dolby_vision_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "profile5.mp4", transfer=2)
    with pytest.raises(MediaError) as caught:
        probe_video(path)
    assert caught.value.message == MediaMessage.DOLBY_VISION()


def test_dolby_vision_on_hdr10_is_read(tmp_path: Path) -> None:
    assert probe_video(_write(tmp_path / "profile8.mp4", transfer=16)).width == 64

"""Sampling of every container that the folder's scan takes, and pictures at a second of it."""

from fractions import Fraction
from pathlib import Path

import pytest
from numbered_video import read_number, write_video

from whenanime_pipeline.core.library.video_names import VIDEO_SUFFIXES
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.thumbnails import decode_frame_at

_RATE = Fraction(24)
_FRAMES = 96
_H264 = ("libx264", {"bf": "2", "g": "24"})
_MPEG2 = ("mpeg2video", {"bf": "2", "g": "12", "qmin": "2", "qmax": "3"})
_CONTAINERS: dict[str, tuple[str, tuple[str, dict[str, str]], dict[str, str]]] = {
    ".f4v": ("mp4", _H264, {}),
    ".qt": ("mov", _H264, {}),
    ".3gp": ("3gp", _H264, {}),
    ".3g2": ("3g2", _H264, {}),
    ".mk3d": ("matroska", _H264, {}),
    ".divx": ("avi", ("mpeg4", {"g": "24", "qmin": "2", "qmax": "3"}), {}),
    ".m2ts": ("mpegts", _H264, {"mpegts_m2ts_mode": "1"}),
    ".mts": ("mpegts", _H264, {"mpegts_m2ts_mode": "1"}),
    ".m2t": ("mpegts", _MPEG2, {}),
    ".tp": ("mpegts", _MPEG2, {}),
    ".trp": ("mpegts", _MPEG2, {}),
    ".mpg": ("mpeg", ("mpeg1video", {"bf": "2", "g": "12", "qmin": "2", "qmax": "3"}), {}),
    ".mpeg": ("mpeg", _MPEG2, {}),
    ".mpe": ("mpeg", _MPEG2, {}),
    ".vob": ("vob", _MPEG2, {}),
    ".ogv": ("ogg", ("libvpx", {"crf": "4", "b": "2M", "g": "24"}), {}),
    ".ogm": ("ogg", ("libvpx", {"crf": "4", "b": "2M", "g": "24"}), {}),
    ".wmv": ("asf", ("wmv2", {"g": "24", "qmin": "2", "qmax": "3"}), {}),
    ".asf": ("asf", ("wmv2", {"g": "24", "qmin": "2", "qmax": "3"}), {}),
    ".flv": ("flv", _H264, {}),
    ".rm": ("rm", ("rv20", {"g": "24", "qmin": "2", "qmax": "3"}), {}),
    ".rmvb": ("rm", ("rv20", {"g": "24", "qmin": "2", "qmax": "3"}), {}),
}
_TESTED_ELSEWHERE = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts"}


def test_every_suffix_is_tested() -> None:
    assert set(_CONTAINERS) | _TESTED_ELSEWHERE == VIDEO_SUFFIXES


@pytest.mark.parametrize("suffix", _CONTAINERS)
def test_pictures_are_found_at_their_second(tmp_path: Path, suffix: str) -> None:
    container, (codec, options), container_options = _CONTAINERS[suffix]
    path = write_video(
        tmp_path / f"video{suffix}",
        frames=_FRAMES,
        rate=_RATE,
        size=(160, 96),
        codec=codec,
        options=options,
        container_format=container,
        container_options=container_options,
    )
    with FrameSampler(path, fps=2) as sampler:
        found = [(sample.time, read_number(sample.picture)) for sample in sampler]
        assert sampler.report.warnings == ()
    assert len(found) in {7, 8}
    for second, number in found:
        assert number == pytest.approx(second * _RATE, abs=1.01)
    assert read_number(decode_frame_at(path, 2.02)) == pytest.approx(48, abs=1)

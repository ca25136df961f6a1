"""MPEG-4 with B-pictures in containers that carry the times of decoding."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from numbered_video import read_number, write_video
from packed_mpeg4 import RATE, encode_packets, write_matroska, write_ogm

from whenanime_pipeline.core.media.file_probe import probe_reading
from whenanime_pipeline.core.media.file_reading import FileReading
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.thumbnails import decode_frame_at

_FRAMES = 25 * 7 + 1
"""Pictures of a film that ends with one that is no B-picture."""
_SECONDS = (0.02, 0.4, 1.1, 2.03, 3.3, 3.9, 5.02, 6.6)


def _check(path: Path, reading: FileReading) -> None:
    """Check the sampled pictures, and those after a seek, which may be a frame late."""
    with FrameSampler(path, fps=RATE, reading=reading) as sampler:
        found = [(one.time, read_number(one.picture)) for one in sampler]
        assert sampler.report.warnings == ()
    assert len(found) >= _FRAMES - 1
    late = [(time, number) for time, number in found if not -1 <= number - RATE * time <= 0.05]
    assert late == []
    assert len({number for _, number in found}) > 0.6 * _FRAMES  # times may be rounded to 1 ms
    for second in _SECONDS:
        shown = read_number(decode_frame_at(path, second, reading=reading))
        assert shown == pytest.approx(RATE * second, abs=1)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("write", [write_matroska, write_ogm])
def test_pictures_are_shown_in_time(
    tmp_path: Path, write: Callable[[Path, list[bytes]], Path], packed: bool
) -> None:
    suffix = "mkv" if write is write_matroska else "ogm"
    packets = encode_packets(tmp_path, _FRAMES, packed=packed)
    path = write(tmp_path / f"film.{suffix}", packets)
    reading = probe_reading(path)
    assert reading.decoding_times
    assert reading.id
    _check(path, reading)


def test_pictures_of_an_avi_are_shown_in_time_after_a_seek(tmp_path: Path) -> None:
    encode_packets(tmp_path, _FRAMES, packed=False)
    path = tmp_path / "encoded.avi"
    reading = probe_reading(path)
    assert reading == FileReading()  # its stored frames are right
    _check(path, reading)


@pytest.mark.parametrize("bframes", ["0", "2"])
def test_native_matroska_has_times_of_its_own(tmp_path: Path, bframes: str) -> None:
    path = write_video(
        tmp_path / "native.mkv",
        frames=96,
        rate=Fraction(RATE),
        codec="mpeg4",
        options={"g": "24", "bf": bframes, "b": "2M"},
    )
    assert probe_reading(path) == FileReading()
    assert read_number(decode_frame_at(path, 2.0)) == 48


def test_xvid_without_b_pictures_is_plain(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "simple.avi",
        frames=48,
        rate=Fraction(RATE),
        size=(160, 96),
        codec="mpeg4",
        options={"g": "24", "bf": "0"},
        container_format="avi",
    )
    with av.open(path) as container:
        stream = container.streams.video[0]
        header = bytes(stream.codec_context.extradata or b"")
        packets = [bytes(one) for one in container.demux(stream) if one.size]
    if not header or not packets[0].startswith(b"\0\0\1\xb6"):
        header = b""
    film = write_matroska(tmp_path / "simple.mkv", [header + packets[0], *packets[1:]])
    assert not probe_reading(film).decoding_times

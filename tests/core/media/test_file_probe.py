"""How files are read whose header tells the player's clock wrong."""

from fractions import Fraction
from pathlib import Path

import pytest
from numbered_video import read_number, write_video

from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.media.file_probe import probe_reading
from whenanime_pipeline.core.media.file_reading import (
    ClockMark,
    FileReading,
    Part,
    dump_reading,
    parse_stored_reading,
)
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.previews import cut_mp4_preview
from whenanime_pipeline.core.media.thumbnails import decode_frame_at

_RATE = Fraction(24)


@pytest.mark.parametrize(
    ("name", "container"), [("a.mp4", "mp4"), ("b.mkv", "matroska"), ("c.avi", "avi")]
)
def test_a_plain_file_is_plain(tmp_path: Path, name: str, container: str) -> None:
    path = write_video(
        tmp_path / name,
        frames=48,
        rate=_RATE,
        codec="mpeg4" if container == "avi" else "libx264",
        container_format=container,
        sound_seconds=0.0 if container == "avi" else 2.0,
    )
    assert probe_reading(path) == FileReading()


def test_a_movie_counts_from_its_own_zero(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "late.mp4",
        frames=96,
        rate=_RATE,
        options={"g": "24"},
        time=lambda number: Fraction(3, 2) + number / _RATE,
    )
    reading = probe_reading(path)
    assert reading.from_zero
    with FrameSampler(path, fps=4, reading=reading) as sampler:
        found = [(sample.time, read_number(sample.picture)) for sample in sampler]
        assert sampler.report.warnings == ()
        assert sampler.report.duration == pytest.approx(5.5, abs=0.05)
    assert found[0] == (1.5, 0)
    assert all(number == pytest.approx((time - 1.5) * 24, abs=1.01) for time, number in found)
    assert read_number(decode_frame_at(path, 3.51, reading=reading)) == 48
    assert cut_mp4_preview(path, 4.0, 9.0, reading=reading).end == pytest.approx(5.5, abs=0.05)


def test_an_unfinished_recording_is_as_long_as_its_packets(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "cut.avi",
        frames=240,
        rate=_RATE,
        codec="mpeg4",
        options={"g": "24"},
        container_format="avi",
    )
    data = bytearray(path.read_bytes())
    header, stream = data.find(b"avih"), data.find(b"strh")
    data[header + 24 : header + 28] = data[stream + 40 : stream + 44] = bytes(4)
    path.write_bytes(data[: data.rfind(b"idx1")])
    reading = probe_reading(path)
    assert reading.end == pytest.approx(10, abs=0.1)
    assert reading.id == ""  # its frames were stored right
    preview = cut_mp4_preview(path, 8.0, 9.0, reading=reading)
    assert (preview.start, preview.end) == (8.0, 9.0)


def test_a_reading_survives_its_text() -> None:
    reading = FileReading(
        parts=(Part(0, 5, "", 10), Part(5, 6, "op.mkv", 0, "1:2")),
        marks=(ClockMark(564, 1, 2),),
        offset=1.5,
        from_zero=True,
        end=11.0,
        stream=0,
        varying_shape=True,
        transfer="pq",
        chapters=(Chapter(0.0, 5.0, "片头"),),
    )
    assert parse_stored_reading(dump_reading(reading)) == reading
    assert dump_reading(FileReading()) is None
    assert parse_stored_reading("{damaged") == FileReading()


@pytest.mark.parametrize(
    "changed",
    [FileReading(from_zero=True), FileReading(stream=0), FileReading(varying_shape=True)]
    + [FileReading(parts=(Part(0, 5, "", length),)) for length in (1, 2)]
    + [FileReading(parts=(Part(0, 5, "op.mkv", 0, state),)) for state in ("1", "2")],
)
def test_other_pictures_have_another_id(changed: FileReading) -> None:
    others = [FileReading(), FileReading(marks=(ClockMark(0, 0, 0),))]
    assert changed.id
    assert changed.id not in {one.id for one in others}


def test_what_changes_no_picture_has_no_id() -> None:
    assert FileReading(end=3.0, transfer="pq", chapters=()).id == ""

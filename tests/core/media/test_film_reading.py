"""A film's files are read as one: lengths, clocks, names and the id that decides the sampling."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from numbered_video import read_number, write_video

from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.file_reading import (
    PLAIN,
    FileReading,
    Part,
    dump_reading,
    locate_part,
    parse_stored_reading,
)
from whenanime_pipeline.core.media.film_reading import name_film_files, probe_film
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.previews import cut_mp4_preview
from whenanime_pipeline.core.media.sound import SAMPLE_RATE, read_sound

RATE = Fraction(24)


def probe(*paths: Path) -> FileReading:
    reading = probe_film(paths, lambda _: None)
    return name_film_files(reading, [path.name for path in paths])


def test_a_second_file_goes_on_where_the_first_ends(tmp_path: Path) -> None:
    first = write_video(tmp_path / "a.mp4", frames=48, rate=RATE, sound_seconds=5.0)
    second = write_video(tmp_path / "b.mkv", frames=24, rate=RATE)
    reading = probe(first, second)
    assert [(part.start, part.length) for part in reading.parts] == [(0.0, 2.0), (2.0, 1.0)]
    with FrameSampler(first, fps=8, reading=reading) as sampler:
        seen = [(sample.time, read_number(sample.picture)) for sample in sampler]
        assert sampler.report.duration == 3.0
    assert seen == [
        (number / 8, number * 3 if number < 16 else (number - 16) * 3) for number in range(24)
    ]


@pytest.mark.parametrize("suffix", [".mp4", ".ts", ".avi", ".mkv"])
def test_each_file_has_its_own_zero(tmp_path: Path, suffix: str) -> None:
    def late(number: int) -> Fraction:
        return (Fraction(number) / RATE) + (Fraction(2) if suffix == ".mp4" else 0)

    paths = [
        write_video(tmp_path / f"{name}{suffix}", frames=48, rate=RATE, time=late) for name in "ab"
    ]
    reading = probe(*paths)
    start = 2.0 if suffix == ".mp4" else 0.0  # a player shows the first sample of such a file at 2
    length = 2.0 + start
    assert [part.start for part in reading.parts] == pytest.approx([0.0, length], abs=0.1)
    with FrameSampler(paths[0], fps=8, reading=reading) as sampler:
        seen = {round(sample.time, 3): read_number(sample.picture) for sample in sampler}
    second = reading.parts[1].start + start
    expected = {time: abs(number - (time - second) * 24) for time, number in seen.items()}
    late_ones = [gap for time, gap in expected.items() if time > second + 0.2]
    assert len(late_ones) > 10
    assert max(late_ones) <= 3


def test_sound_comes_from_the_file_that_is_played(tmp_path: Path) -> None:
    silent = write_video(tmp_path / "a.mp4", frames=48, rate=RATE)
    loud = write_video(tmp_path / "b.mp4", frames=48, rate=RATE, sound_seconds=2.0)
    sound = read_sound(silent, 1.5, 3.0, probe(silent, loud))
    assert sound is not None
    quiet, heard = sound[:, : SAMPLE_RATE // 2], sound[:, SAMPLE_RATE * 6 // 10 :]
    assert abs(quiet).max() == 0.0
    assert abs(heard).max() > 0.01


def test_names_of_files_change_no_sampling(tmp_path: Path) -> None:
    paths = [write_video(tmp_path / f"{name}.mp4", frames=24, rate=RATE) for name in "ab"]
    reading = probe(*paths)
    renamed = name_film_files(reading, ["x.mp4", "y.mp4"])
    assert renamed.parts[1].file == "y.mp4"
    assert renamed.id == reading.id != PLAIN.id
    longer = write_video(tmp_path / "b.mp4", frames=25, rate=RATE)
    assert probe(paths[0], longer).id != reading.id


def test_a_reading_is_stored_whole(tmp_path: Path) -> None:
    nested = FileReading(stream=1, from_zero=True, transfer="pq")
    film = FileReading(
        parts=(Part(0.0, 2.0, "", 0.0, number=1), Part(2.0, 1.0, "b", 1.0, "", 2, nested))
    )
    assert parse_stored_reading(dump_reading(film)) == film
    linked = FileReading(parts=(Part(0.0, 2.0, "b.mkv", 0.0, "1:2"),))
    assert "number" not in (dump_reading(linked) or "")
    assert linked.id == "dace425dd593f830"  # as before films in parts: nothing is decoded again


@pytest.mark.parametrize(
    "damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x")]
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    paths = [write_video(tmp_path / f"{name}.mp4", frames=24, rate=RATE) for name in "ab"]
    reading = probe(*paths)
    damage(paths[1])
    with pytest.raises(MediaError) as caught:
        probe(*paths)
    assert caught.value.path == paths[1]
    with pytest.raises(MediaError, match=r"its part b\.mp4 cannot be read"):
        cut_mp4_preview(paths[0], 0.5, 1.5, reading=reading)


@pytest.mark.parametrize(
    ("file", "number", "found"),
    [
        ("", 1, "videos/CD1/a.avi"),
        ("b.avi", 2, "videos/CD1/b.avi"),
        ("../CD2/b.avi", 2, "videos/CD2/b.avi"),
        ("../CD2/b.avi", 0, None),
        ("../../b.avi", 2, None),
        ("../../x/b.avi", 2, None),
        ("x/b.avi", 2, None),
        ("/etc/b.avi", 2, None),
        ("..", 2, None),
    ],
)
def test_a_part_leads_no_further_than_to_the_next_folder(
    file: str, number: int, found: str | None
) -> None:
    part = Part(0.0, 1.0, file, 0.0, number=number)
    located = locate_part(Path("videos/CD1/a.avi"), part)
    assert (None if located is None else located.as_posix()) == found

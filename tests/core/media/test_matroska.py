"""Ordered chapters, linked segments and editions of Matroska, and damaged elements."""

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matroska_files import atom, edition, element, put_editions, set_segment
from numbered_video import numbered_picture, read_number, write_video

from whenanime_pipeline.core.media.file_probe import probe_reading
from whenanime_pipeline.core.media.file_reading import FileReading
from whenanime_pipeline.core.media.frame_lookup import decode_frames_at
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.linked_files import find_linked_files
from whenanime_pipeline.core.media.matroska_editions import MatroskaHead, read_matroska_head
from whenanime_pipeline.core.media.previews import cut_mp4_preview
from whenanime_pipeline.core.media.sound import SAMPLE_RATE, read_sound
from whenanime_pipeline.core.media.thumbnails import decode_frame_at

_RATE = Fraction(24)
_UID = bytes(range(16))
_OPENING = 5_000
"""Number of the first picture of the linked file."""


def _write(path: Path, frames: int, first: int = 0) -> Path:
    return write_video(
        path,
        frames=frames,
        rate=_RATE,
        options={"g": "24", "bf": "2"},
        draw=lambda number, width, height: numbered_picture(first + number, width, height),
        sound_seconds=frames / 24,
    )


def _probe(path: Path) -> FileReading:
    return probe_reading(path, lambda segments: find_linked_files(path, segments))


def _shown(path: Path, second: float, reading: FileReading) -> int:
    return read_number(decode_frame_at(path, second, reading=reading))


@pytest.fixture
def reordered(tmp_path: Path) -> Path:
    atoms = [atom(0, 2, "Prologue"), atom(8, 10, "Opening"), atom(2, 6, "Part A")]
    return put_editions(_write(tmp_path / "Show - 01.mkv", 240), [edition(atoms, ordered=True)])


def test_ordered_chapters_are_played_one_after_the_other(reordered: Path, tmp_path: Path) -> None:
    reading = _probe(reordered)
    assert [(one.start, one.end, one.title) for one in reading.chapters or ()] == [
        (0, 2, "Prologue"),
        (2, 4, "Opening"),
        (4, 8, "Part A"),
    ]
    with FrameSampler(reordered, fps=4, reading=reading) as sampler:
        found = [(sample.time, read_number(sample.picture)) for sample in sampler]
        assert sampler.report.warnings == ()
        assert sampler.report.duration == 8
    file_second = {**dict.fromkeys(range(2), 0), 2: 6, 3: 6, **dict.fromkeys(range(4, 8), -2)}
    for time, number in found:
        assert number == pytest.approx((time + file_second[int(time)]) * 24, abs=1.5)
    assert [time for time, _ in found] == [number / 4 for number in range(32)]
    seconds = [0.5, 2.5, 4.5, 7.5]
    pictures = decode_frames_at(reordered, seconds, reading=reading)
    assert [read_number(one.picture) for one in pictures] == pytest.approx(
        [12, 204, 60, 132], abs=1
    )
    assert [_shown(reordered, second, reading) for second in seconds] == pytest.approx(
        [12, 204, 60, 132], abs=1
    )
    numbers = _read_preview(cut_mp4_preview(reordered, 1.5, 2.5, reading=reading).data, tmp_path)
    assert numbers[0] == pytest.approx(36, abs=1)
    assert numbers[-1] == pytest.approx(203, abs=1)
    sound = read_sound(reordered, 1.5, 2.5, reading)
    assert sound is not None
    assert sound.shape == (2, SAMPLE_RATE)
    assert (abs(sound).max(axis=0).reshape(100, -1).max(axis=1) > 0.2).all()


def test_a_chapter_that_ends_a_frame_early_is_joined(tmp_path: Path) -> None:
    atoms = [atom(1, 2.96, "A"), atom(3, 5, "B")]
    path = put_editions(_write(tmp_path / "a.mkv", 240), [edition(atoms, ordered=True)])
    reading = _probe(path)
    assert [(one.start, one.length) for one in reading.parts] == [(0, 4)]


def test_chapters_that_play_the_whole_file_change_nothing(tmp_path: Path) -> None:
    atoms = [atom(0, 5, "A"), atom(5, 10.1, "B")]
    path = put_editions(_write(tmp_path / "a.mkv", 240), [edition(atoms, ordered=True)])
    assert _probe(path).id == ""


def test_a_linked_file_is_played_within_while_it_is_there(tmp_path: Path) -> None:
    opening = set_segment(_write(tmp_path / "Show - NCOP.mkv", 48, _OPENING), _UID)
    atoms = [atom(0, 2, "Prologue"), atom(0, 2, "Opening", _UID), atom(2, 10, "Part A")]
    main = put_editions(_write(tmp_path / "Show - 01.mkv", 240), [edition(atoms, ordered=True)])
    reading = _probe(main)
    shown = [_shown(main, second, reading) for second in (1.5, 2.5, 4.5, 11.5)]
    assert shown == pytest.approx([36, _OPENING + 12, 60, 228], abs=1)
    with FrameSampler(main, fps=4, reading=reading) as sampler:
        assert sum(read_number(one.picture) >= _OPENING for one in sampler) == 8
    _write(opening, 48, _OPENING + 500)
    set_segment(opening, _UID)
    assert _probe(main).id != reading.id
    opening.unlink()
    assert _probe(main).id == ""


def test_only_files_of_the_same_folder_are_linked(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    set_segment(_write(tmp_path / "other" / "op.mkv", 24), _UID)
    (tmp_path / "broken.mkv").write_bytes(b"\x1a\x45\xdf\xa3")
    video = tmp_path / "video.mkv"
    assert find_linked_files(video, {_UID}) == {}


def test_chapters_are_those_of_the_default_edition_in_any_order(tmp_path: Path) -> None:
    other = edition([atom(0, 5, "first"), atom(5, 10, "second")])
    atoms = [atom(4, 10, "Part A"), atom(2, 4, "Opening"), atom(0, 2, "Avant")]
    path = put_editions(_write(tmp_path / "a.mkv", 240), [other, edition(atoms, default=True)])
    reading = _probe(path)
    assert [(one.start, one.end, one.title) for one in reading.chapters or ()] == [
        (0, 2, "Avant"),
        (2, 4, "Opening"),
        (4, 10, "Part A"),
    ]
    assert reading.id == ""


@given(st.binary(max_size=400))
def test_random_bytes_have_no_chapters(data: bytes) -> None:
    assert read_matroska_head(BytesIO(data)) == MatroskaHead()


@given(st.data())
def test_damaged_heads_are_read_as_far_as_they_go(data: st.DataObject) -> None:
    atoms = [atom(0, 2, "A"), atom(8, 10, "B", _UID)]
    whole = element("1A45DFA3", b"") + element(
        "18538067",
        element("1549A966", element("73A4", _UID))
        + element("1043A770", edition(atoms, ordered=True)),
    )
    damaged = bytearray(whole)
    for where in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        damaged[where] = data.draw(st.integers(0, 255))
    head = read_matroska_head(BytesIO(bytes(damaged[: data.draw(st.integers(0, len(whole)))])))
    assert len(head.chapters) <= 2
    assert len(head.segment) <= 16
    assert read_matroska_head(BytesIO(whole)).is_ordered


def _read_preview(data: bytes, folder: Path) -> list[int]:
    (folder / "preview.mp4").write_bytes(data)
    with av.open(folder / "preview.mp4") as container:
        return [read_number(one.to_ndarray(format="rgb24")) for one in container.decode(video=0)]

"""Titles of discs are played in their order and at their times, whatever files hold them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numbered_video import numbered_picture, read_number, write_video
from numpy.typing import NDArray

from benchmarks.support.disc_files import (
    SECTOR,
    fill_navigation,
    write_playlist,
    write_title_set,
)
from whenanime_pipeline.core.discs.disc_folder import read_disc
from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.file_probe import probe_reading
from whenanime_pipeline.core.media.file_reading import FileReading, Part
from whenanime_pipeline.core.media.frame_lookup import decode_frames_at
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.previews import cut_mp4_preview
from whenanime_pipeline.core.media.probe import probe_video
from whenanime_pipeline.core.media.sound import SAMPLE_RATE, read_sound
from whenanime_pipeline.core.media.thumbnails import decode_frame_at

_RATE = 24
_PAL = 25


def _write_clip(disc: Path, name: str, frames: int, first: int, start: int) -> Path:
    """Write a clip whose pictures count from `first` and whose clock begins at `start`."""

    def draw(number: int, width: int, height: int) -> NDArray[np.uint8]:
        return numbered_picture(first + number, width, height)

    (disc / "STREAM").mkdir(parents=True, exist_ok=True)
    return write_video(
        disc / "STREAM" / f"{name}.m2ts",
        frames=frames,
        rate=Fraction(_RATE),
        options={"g": "24"},
        container_format="mpegts",
        container_options={"mpegts_m2ts_mode": "1", "output_ts_offset": str(start)},
        draw=draw,
        sound_seconds=frames / _RATE,
    )


def _write_vob(path: Path, frames: int, first: int) -> bytes:
    def draw(number: int, width: int, height: int) -> NDArray[np.uint8]:
        return numbered_picture(first + number, width, height)

    write_video(
        path,
        frames=frames,
        rate=Fraction(_PAL),
        size=(720, 576),
        codec="mpeg2video",
        options={"g": "12", "bf": "2"},
        container_format="dvd",
        draw=draw,
    )
    return path.read_bytes()


def _sample(path: Path, reading: FileReading, fps: int) -> list[tuple[float, int]]:
    with FrameSampler(path, fps=fps, reading=reading) as sampler:
        found = [(abs(one.time), read_number(one.picture)) for one in sampler]
        assert sampler.report.warnings == ()
    return found


@pytest.fixture
def bluray(tmp_path: Path) -> Path:
    """A film of two clips, the second from its second 2 to 8."""
    disc = tmp_path / "BDMV"
    starts = []
    for name, first, start in (("00001", 0, 600), ("00002", 1000, 11)):
        clip = _write_clip(disc, name, 240, first, start)
        with av.open(clip) as container:
            stream = container.streams.video[0]
            base = stream.time_base or Fraction(1, 90_000)
            starts.append(float((stream.start_time or 0) * base))
    items = [
        ("00001", starts[0], starts[0] + 10),
        ("00002", starts[1] + 2, starts[1] + 8),
    ]
    write_playlist(disc / "PLAYLIST" / "00800.mpls", items)
    return disc


def test_a_playlist_is_played_at_its_times(bluray: Path) -> None:
    (name,) = read_disc(bluray).titles
    path = bluray / "STREAM" / name
    reading = probe_reading(path)
    assert [(one.start, one.length, one.file) for one in reading.parts] == [
        (0.0, 10.0, ""),
        (10.0, 6.0, "00002.m2ts"),
    ]
    found = _sample(path, reading, 4)
    assert len(found) == 64
    assert all(
        number == round(24 * time) + (0 if time < 10 else 1000 - 240 + 48) for time, number in found
    )
    assert probe_video(path, reading).duration == 16
    assert read_number(decode_frame_at(path, 12.0, reading=reading)) == 1096
    looked_up = decode_frames_at(path, [9.5, 10.5], reading=reading)
    assert [read_number(one.picture) for one in looked_up] == [228, 1060]
    preview = cut_mp4_preview(path, 9.0, 12.0, mute=False, reading=reading)
    assert (preview.start, preview.end) == (9.0, 12.0)
    sound = read_sound(path, 9.0, 12.0, reading)
    assert sound is not None
    for second in (0.2, 1.2, 2.2):  # before and after the first clip's end
        begin = round(second * SAMPLE_RATE)
        assert float(np.abs(sound[:, begin : begin + SAMPLE_RATE // 2]).mean()) > 0.05


def test_another_state_of_a_clip_is_another_reading(bluray: Path) -> None:
    path = bluray / "STREAM" / "00001.m2ts"
    before = probe_reading(path)
    with (bluray / "STREAM" / "00002.m2ts").open("ab") as file:
        file.write(bytes(192))
    after = probe_reading(path)
    assert before.parts[0] == after.parts[0]
    assert before.id != after.id


@pytest.fixture
def dvd(tmp_path: Path) -> Path:
    """A title set of two streams with a clock of their own, cut amid a group of pictures."""
    disc = tmp_path / "VIDEO_TS"
    disc.mkdir()
    whole, cells = b"", []
    for number in range(2):
        data, groups = fill_navigation(_write_vob(tmp_path / "part.vob", 125, 1000 * number))
        base = len(whole) // SECTOR
        ends = [*groups[1:], len(data) // SECTOR]
        half = len(groups) // 2
        cells += [
            (base + groups[0], base + groups[half - 1], base + ends[half - 1] - 1, 2.4),
            (base + groups[half], base + groups[-1], base + ends[-1] - 1, 2.6),
        ]
        whole += data
    cut = (len(whole) // SECTOR // 2 + 7) * SECTOR
    (disc / "VTS_01_1.VOB").write_bytes(whole[:cut])
    (disc / "VTS_01_2.VOB").write_bytes(whole[cut:])
    write_title_set(disc / "VTS_01_0.IFO", [cells, [cells[0], cells[3]]])
    return disc


def test_a_title_set_is_one_stream_whose_clock_runs_on(dvd: Path) -> None:
    (name,) = read_disc(dvd).titles
    path = dvd / name
    reading = probe_reading(path)
    assert (reading.files, reading.parts) == (("VTS_01_1.VOB", "VTS_01_2.VOB"), ())
    assert reading.end == pytest.approx(10, abs=0.05)
    found = _sample(path, reading, 5)
    assert len(found) == 50
    assert all(number == round(25 * time) + (0 if time < 4.99 else 875) for time, number in found)
    assert [read_number(decode_frame_at(path, at, reading=reading)) for at in (4.01, 7.01)] == [
        100,
        1050,
    ]


def test_cells_are_played_in_the_order_of_their_title(dvd: Path) -> None:
    data = dvd / "VTS_01_0.IFO"
    (title,) = read_disc(dvd).titles.values()
    cells = [(one.begin, one.last_unit, one.end - 1, one.seconds) for one in title.title.pieces]
    write_title_set(data, [[cells[2], cells[0], cells[1]]])
    (name,) = read_disc(dvd).titles
    path = dvd / name
    reading = probe_reading(path)
    assert len(reading.parts) == 2
    length = reading.parts[0].length
    first = next(number for _, number in _sample(path, reading, 5))
    assert first == 1000
    numbers = _sample(path, reading, 5)
    after = [(time - length, number) for time, number in numbers if time >= length]
    assert all(number == pytest.approx(25 * time, abs=1.01) for time, number in after)
    assert max(number for _, number in after) >= 120


def test_a_stream_without_navigation_is_played_as_it_is(dvd: Path) -> None:
    for path in sorted(dvd.glob("*.VOB")):
        path.write_bytes(path.read_bytes().replace(b"\0\0\1\xbf", b"\0\0\1\xbe"))
    reading = probe_reading(dvd / "VTS_01_1.VOB")
    assert reading.parts == ()
    assert reading.end == pytest.approx(10, abs=0.05)


def test_files_outside_the_folder_are_not_opened(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", frames=24, rate=Fraction(24))
    with pytest.raises(MediaError, match="cannot be read from here"):
        decode_frame_at(path, 0, reading=FileReading(files=("../a.mkv",)))
    parts = (Part(0, 1, "../a.mkv", 0),)
    with pytest.raises(MediaError):
        decode_frame_at(path, 0, reading=FileReading(parts=parts))

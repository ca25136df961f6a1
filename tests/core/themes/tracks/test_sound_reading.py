"""Sound of real files as tracks: clicks at their seconds, and no sound where there is none."""

from pathlib import Path

import av
import numpy as np
import pytest
from matroska_files import atom, edition, put_editions, set_segment
from sound_files import RATE, find_clicks, make_clicks, write_sounding

from whenanime_pipeline.core.media.errors import MediaError
from whenanime_pipeline.core.media.file_probe import probe_reading
from whenanime_pipeline.core.media.file_reading import FileReading
from whenanime_pipeline.core.media.linked_files import find_linked_files
from whenanime_pipeline.core.themes.tracks.episode_tracks import SOUND_HOP, SoundTrack
from whenanime_pipeline.core.themes.tracks.sound_reading import SoundReading, read_sound_track

_CLICKS = [1.0, 2.5, 4.321, 7.77]
_UID = bytes(range(16))
_TWO_ROWS = 2 * SOUND_HOP


def _read(path: Path, duration: float, reading: FileReading | None = None) -> SoundTrack:
    track = read_sound_track(path, duration, reading or probe_reading(path)).track
    assert track is not None
    assert len(track.bands) == len(track.loudness) == np.ceil(round(duration / SOUND_HOP, 6))
    return track


def _missing(track: SoundTrack) -> list[tuple[float, float]]:
    """Return the stretches of missing rows, in seconds."""
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], track.is_missing, [0]])))
    return [(low * SOUND_HOP, high * SOUND_HOP) for low, high in bounds.reshape(-1, 2)]


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.mkv", "aac", 48_000),
        ("a.mp4", "aac", 44_100),
        ("a.ts", "mp2", 48_000),
        ("a.mkv", "flac", 48_000),
        ("a.mkv", "libopus", 48_000),
        ("a.avi", "libmp3lame", 44_100),
    ],
)
def test_clicks_are_at_their_seconds(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    sound = make_clicks(9, _CLICKS, rate=rate)
    path = write_sounding(tmp_path / name, [sound], seconds=9, codec=codec, rate=rate)
    track = _read(path, 9)
    # Neither tells the encoder's delay: it is heard, and in the stream pictures are later too.
    tolerance = {"a.avi": 0.03, "a.ts": 0.015}.get(name, 0.01)
    assert find_clicks(track) == pytest.approx(_CLICKS, abs=tolerance)
    assert track.is_missing.sum() <= 1
    assert track.language == ""


def test_a_late_start_leaves_missing_rows(tmp_path: Path) -> None:
    sound = make_clicks(5, [1.5, 3.0])
    path = write_sounding(tmp_path / "a.mkv", [sound], seconds=9, start=3.0)
    track = _read(path, 9)
    assert find_clicks(track) == pytest.approx([4.5, 6.0], abs=0.01)
    (begin, end), (after, last) = _missing(track)
    assert (begin, end) == pytest.approx((0, 3), abs=_TWO_ROWS)
    assert (after, last) == pytest.approx((8, 9), abs=_TWO_ROWS)


def test_a_video_without_sound_has_no_track(tmp_path: Path) -> None:
    path = write_sounding(tmp_path / "a.mkv", [], seconds=2)
    assert read_sound_track(path, 2) == SoundReading(None)


def test_sound_is_read_from_files_that_cannot_be_opened_by_name(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone\.mkv"):
        read_sound_track(tmp_path / "gone.mkv", 2)


def test_the_language_is_of_the_default_stream(tmp_path: Path) -> None:
    sounds = [make_clicks(4, [2.0]), make_clicks(4, [3.0])]
    path = write_sounding(tmp_path / "a.mkv", sounds, seconds=4, languages=["jpn", "eng"])
    track = _read(path, 4)
    assert track.language == "jpn"
    assert find_clicks(track) == pytest.approx([2.0], abs=0.01)


def test_broken_packets_are_missing_and_move_nothing(tmp_path: Path) -> None:
    path = write_sounding(tmp_path / "a.mkv", [make_clicks(9, _CLICKS)], seconds=9)
    kept = tmp_path / "b.mkv"
    with av.open(str(path)) as source, av.open(str(kept), "w") as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is None:
                continue
            is_sound = packet.stream.type == "audio"
            if is_sound and 2.9 < float((packet.pts or 0) * packet.time_base) < 3.9:
                continue
            packet.stream = streams[packet.stream_index]
            target.mux(packet)
    track = _read(kept, 9)
    assert find_clicks(track) == pytest.approx(_CLICKS, abs=0.01)
    assert _missing(track) == [pytest.approx((2.95, 3.9), abs=SOUND_HOP)]


def test_sound_whose_packets_are_all_broken_is_no_sound(tmp_path: Path) -> None:
    path = write_sounding(tmp_path / "a.mkv", [make_clicks(2, [1.0])], seconds=2)
    broken = tmp_path / "b.mkv"
    with av.open(str(path)) as source, av.open(str(broken), "w") as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is None:
                continue
            if packet.stream.type == "audio":
                noise = np.random.default_rng(packet.size).bytes(packet.size)
                changed = av.Packet(noise)
                changed.pts, changed.dts = packet.pts, packet.dts
                changed.time_base = packet.time_base
                changed.stream = streams[packet.stream_index]
                target.mux(changed)
                continue
            packet.stream = streams[packet.stream_index]
            target.mux(packet)
    read = read_sound_track(broken, 2)
    assert read.track is None
    assert read.warnings == ("none of its sound can be decoded",)


def test_ordered_chapters_are_heard_in_their_order(tmp_path: Path) -> None:
    path = write_sounding(tmp_path / "a.mkv", [make_clicks(9, _CLICKS)], seconds=9)
    atoms = [atom(0, 2, "Prologue"), atom(6, 9, "Opening"), atom(2, 6, "Part A")]
    put_editions(path, [edition(atoms, ordered=True)])
    track = _read(path, 9)
    assert find_clicks(track) == pytest.approx([1.0, 3.77, 5.5, 7.321], abs=0.01)


def test_linked_sound_is_heard_within_and_missing_without_its_file(tmp_path: Path) -> None:
    opening = tmp_path / "Show - NCOP.mkv"
    set_segment(write_sounding(opening, [make_clicks(3, [1.25])], seconds=3), _UID)
    path = write_sounding(tmp_path / "Show - 01.mkv", [make_clicks(5, [1.0, 3.0])], seconds=5)
    atoms = [atom(0, 2, "Prologue"), atom(0, 3, "Opening", _UID), atom(2, 5, "Part A")]
    put_editions(path, [edition(atoms, ordered=True)])
    reading = probe_reading(path, lambda segments: find_linked_files(path, segments))
    track = _read(path, 8, reading)
    assert find_clicks(track) == pytest.approx([1.0, 3.25, 6.0], abs=0.01)
    opening.unlink()
    track = _read(path, 8, reading)
    assert find_clicks(track) == pytest.approx([1.0, 6.0], abs=0.01)
    assert _missing(track) == [pytest.approx((2, 5), abs=SOUND_HOP)]


def test_sound_is_on_a_clock_that_starts_again(tmp_path: Path) -> None:
    first = write_sounding(tmp_path / "1.ts", [make_clicks(4, [1.0])], seconds=4, codec="mp2")
    second = write_sounding(tmp_path / "2.ts", [make_clicks(4, [2.0])], seconds=4, codec="mp2")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    reading = probe_reading(joined)
    assert reading.marks
    track = _read(joined, 8, reading)
    assert find_clicks(track) == pytest.approx([1.0, 6.0], abs=0.03)


def test_rates_that_change_within_a_stream_are_followed(tmp_path: Path) -> None:
    parts = []
    for number, rate in enumerate((RATE, 32_000)):
        part = tmp_path / f"{number}.ts"
        sound = make_clicks(4, [1.0], rate=rate)
        parts.append(write_sounding(part, [sound], seconds=4, codec="mp2", rate=rate))
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    track = _read(joined, 8)
    assert find_clicks(track) == pytest.approx([1.0, 5.0], abs=0.03)

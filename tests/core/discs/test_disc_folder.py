"""Playlists of discs on a real disk: what stands for each title, and what is refused."""

import random
from pathlib import Path

import pytest

from benchmarks.support.disc_files import SECTOR, write_playlist, write_title_set
from whenanime_pipeline.core.discs.disc_folder import find_title, read_disc
from whenanime_pipeline.core.discs.ifo import parse_title_set
from whenanime_pipeline.core.discs.mpls import parse_playlist
from whenanime_pipeline.core.discs.titles import DiscError, DiscPiece

_EPISODE = 1_000.0
"""Seconds of an episode."""


def write_clips(disc: Path, *names: str) -> None:
    (disc / "STREAM").mkdir(parents=True, exist_ok=True)
    for name in names:
        (disc / "STREAM" / f"{name}.m2ts").write_bytes(name.encode())


def write_vobs(disc: Path, **sectors: int) -> None:
    disc.mkdir(parents=True, exist_ok=True)
    for name, count in sectors.items():
        (disc / f"{name}.VOB").write_bytes(bytes(count * SECTOR))


def test_a_playlist_is_read_with_its_times(tmp_path: Path) -> None:
    path = write_playlist(tmp_path / "1.mpls", [("00001", 600, 610.5), ("00002", 1, 3)])
    assert parse_playlist(path.read_bytes()) == (
        DiscPiece("00001", 27_000_000, 27_472_500, 10.5),
        DiscPiece("00002", 45_000, 135_000, 2.0),
    )


def test_a_title_set_is_read_with_its_cells(tmp_path: Path) -> None:
    titles = [[(0, 8, 9, 5.04), (20, 20, 29, 3661.0)], [(10, 15, 19, 7.0)]]
    data = write_title_set(tmp_path / "VTS_01_0.IFO", titles).read_bytes()
    one, two = parse_title_set(data, "VTS_01")
    assert one.pieces == (
        DiscPiece("VTS_01", 0, 10, 5.04, 8),
        DiscPiece("VTS_01", 20, 30, 3661.0, 20),
    )
    assert (two.name, two.pieces) == ("VTS_01 002", (DiscPiece("VTS_01", 10, 20, 7.0, 15),))


@pytest.mark.parametrize("kind", ["mpls", "ifo"])
def test_damaged_playlists_are_refused_and_nothing_else_happens(tmp_path: Path, kind: str) -> None:
    if kind == "mpls":
        data = write_playlist(tmp_path / "1.mpls", [("00001", 0, 9)] * 50).read_bytes()
    else:
        cells = [(n, n, n, 1.0) for n in range(50)]
        data = write_title_set(tmp_path / "VTS_01_0.IFO", [cells] * 9).read_bytes()
    generator = random.Random(0)
    refused = 0
    for _ in range(400):
        damaged = bytearray(data[: generator.randrange(4, len(data))])
        for _ in range(generator.randrange(8)):
            damaged[generator.randrange(12, max(13, len(damaged))) % len(damaged)] = 255
        try:
            if kind == "mpls":
                parse_playlist(bytes(damaged))
            else:
                parse_title_set(bytes(damaged), "VTS_01")
        except DiscError:
            refused += 1
    assert refused > 200


def test_the_longest_playlist_stands_as_its_longest_clip(tmp_path: Path) -> None:
    disc = tmp_path / "BDMV"
    write_clips(disc, "00001", "00002", "00003")
    write_playlist(disc / "PLAYLIST" / "00000.mpls", [("00003", 0, 1)] * 30)
    write_playlist(disc / "PLAYLIST" / "00001.mpls", [("00002", 0, 5), ("00001", 600, 700)])
    found = read_disc(disc)
    assert found.streams == "STREAM"
    assert {name: one.title.name for name, one in found.titles.items()} == {"00001.m2ts": "00001"}
    assert find_title(disc / "STREAM" / "00001.m2ts") == found.titles["00001.m2ts"]
    assert find_title(disc / "STREAM" / "00002.m2ts") is None


def test_episodes_have_a_clip_of_their_own_though_they_share_others(tmp_path: Path) -> None:
    disc = tmp_path / "BDMV"
    write_clips(disc, "00001", "00002", "00009")
    for number in (1, 2):
        items = [("00009", 0.0, 90.0), (f"0000{number}", 0.0, _EPISODE)]
        write_playlist(disc / "PLAYLIST" / f"0000{number}.mpls", items)
    assert sorted(read_disc(disc).titles) == ["00001.m2ts", "00002.m2ts"]


def test_episodes_of_one_clip_are_read_as_one(tmp_path: Path) -> None:
    disc = tmp_path / "BDMV"
    write_clips(disc, "00001")
    for number in range(3):
        begin = number * _EPISODE
        write_playlist(disc / "PLAYLIST" / f"{number}.mpls", [("00001", begin, begin + _EPISODE)])
    (title,) = read_disc(disc).titles.values()
    assert title.title.seconds == 3 * _EPISODE


def test_titles_of_a_title_set_stand_as_its_files(tmp_path: Path) -> None:
    disc = tmp_path / "VIDEO_TS"
    write_vobs(disc, VTS_01_0=5, VTS_01_1=40, VTS_01_2=40, VTS_02_1=3)
    cells = [(n * 20, n * 20 + 19, n * 20 + 19, _EPISODE) for n in range(4)]
    write_title_set(disc / "VTS_01_0.IFO", [cells[:3], cells[3:]])
    write_title_set(disc / "VTS_02_0.IFO", [[(0, 2, 2, 60.0)]])
    (disc / "VIDEO_TS.IFO").write_bytes(b"DVDVIDEO-VMG")
    found = read_disc(disc).titles
    assert {name: one.title.name for name, one in found.items()} == {
        "VTS_01_1.VOB": "VTS_01 001"
    }  # the second is much shorter
    write_title_set(disc / "VTS_01_0.IFO", [cells[:2], cells[2:], cells])
    found = read_disc(disc).titles
    assert {name: one.title.name for name, one in found.items()} == {
        "VTS_01_1.VOB": "VTS_01 001",
        "VTS_01_2.VOB": "VTS_01 002",
    }
    write_title_set(disc / "VTS_01_0.IFO", [[one] for one in cells])
    (only,) = read_disc(disc).titles.values()
    assert only.title.seconds == 4 * _EPISODE  # four titles in two files


def test_what_a_disc_lacks_is_named(tmp_path: Path) -> None:
    disc = tmp_path / "BDMV"
    write_clips(disc, "00001")
    with pytest.raises(DiscError, match="no folder PLAYLIST"):
        read_disc(disc)
    (disc / "PLAYLIST").mkdir()
    with pytest.raises(DiscError, match="no playlist"):
        read_disc(disc)
    write_playlist(disc / "PLAYLIST" / "00001.mpls", [("00002", 0, 5)])
    with pytest.raises(DiscError, match=r"00001.mpls plays 00002, which is not there"):
        read_disc(disc)
    (disc / "PLAYLIST" / "00001.mpls").write_bytes(b"MPLS0200")
    with pytest.raises(DiscError, match=r"00001.mpls is damaged"):
        read_disc(disc)
    dvd = tmp_path / "VIDEO_TS"
    write_vobs(dvd, VTS_01_1=10)
    write_title_set(dvd / "VTS_01_0.IFO", [[(0, 8, 19, 60.0)]])
    with pytest.raises(DiscError, match="VTS_01, which is not there"):
        read_disc(dvd)  # the rest is still being copied


def test_a_playlist_reaches_no_other_folder(tmp_path: Path) -> None:
    disc = tmp_path / "BDMV"
    write_clips(disc, "00001")
    (tmp_path / "00002.m2ts").write_bytes(b"elsewhere")
    (disc / "PLAYLIST").mkdir()
    path = write_playlist(disc / "PLAYLIST" / "1.mpls", [("00001", 0, 5)])
    path.write_bytes(path.read_bytes().replace(b"00001M2TS", b"../..M2TS"))
    with pytest.raises(DiscError, match="damaged"):
        read_disc(disc)
    write_playlist(path, [("00002", 0, 5)])
    with pytest.raises(DiscError, match="not there"):
        read_disc(disc)

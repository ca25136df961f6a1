"""Makes a Blu-ray disc and a DVD of short films, for the benchmark of players' seconds."""

from fractions import Fraction
from pathlib import Path

import av

from benchmarks.support.disc_files import (
    SECTOR,
    fill_navigation,
    write_clip_info,
    write_playlist,
    write_title_set,
)
from benchmarks.support.player_films import FilmMaker, PlayerFilm, follow

_SECONDS = 10
"""Seconds of each of a disc's two streams."""
_STARTS = ("600", "11")
"""Seconds at which the clocks of a Blu-ray disc's clips begin."""


def make_disc_films(folder: Path, scratch: Path) -> list[PlayerFilm]:
    """Write a disc of each kind below a folder; its film is two streams with clocks of their own.

    Raises:
        BenchmarkError: A tool fails.
    """
    maker = FilmMaker(folder, scratch)
    return [_make_bluray(maker), _make_dvd(maker)]


def _make_bluray(maker: FilmMaker) -> PlayerFilm:
    items: list[tuple[str, float, float]] = []
    runs: tuple[tuple[float, int, int], ...] = ()
    for number, start in enumerate(_STARTS):
        clip = maker.convert(
            maker.source(50 + number, _SECONDS),
            maker.target("Blu-ray (2001)/BDMV/STREAM", f"0000{number + 1}.m2ts"),
            *("-an", "-c", "copy", "-mpegts_m2ts_mode", "1", "-output_ts_offset", start),
        )
        write_clip_info(clip)
        begin = _find_start(clip)
        items.append((clip.stem, begin, begin + _SECONDS))
        runs += follow([(0, _SECONDS)], 50 + number, number * _SECONDS)
    disc = clip.parent.parent
    write_playlist(disc / "PLAYLIST" / "00001.mpls", items)
    return PlayerFilm("Blu-ray disc", clip.with_name("00001.m2ts"), runs, disc=disc.parent)


def _find_start(clip: Path) -> float:
    with av.open(clip) as container:
        stream = container.streams.video[0]
        return float((stream.start_time or 0) * (stream.time_base or Fraction(1, 90_000)))


def _make_dvd(maker: FilmMaker) -> PlayerFilm:
    whole, cells = b"", list[tuple[int, int, int, float]]()
    runs: tuple[tuple[float, int, int], ...] = ()
    for number in range(2):
        part = maker.convert(
            maker.source(52 + number, _SECONDS),
            maker.work("part.vob"),
            *("-vf", "scale=720:576,fps=25,setsar=1", "-c:v", "mpeg2video", "-g", "12", "-bf", "2"),
            *("-b:v", "6M", "-maxrate", "8M", "-bufsize", "1835k", "-c:a", "mp2", "-f", "dvd"),
        )
        data, groups = fill_navigation(part.read_bytes())
        base, last = len(whole) // SECTOR, len(data) // SECTOR - 1
        cells.append((base, base + groups[-1], base + last, float(_SECONDS)))
        whole += data
        runs += follow([(0, _SECONDS)], 52 + number, number * _SECONDS)
    first = maker.target("DVD (2002)/VIDEO_TS", "VTS_01_1.VOB")
    cut = len(whole) // SECTOR // 3 * SECTOR  # amid a group of pictures, as where a file is full
    first.write_bytes(whole[:cut])
    first.with_name("VTS_01_2.VOB").write_bytes(whole[cut:])
    write_title_set(first.with_name("VTS_01_0.IFO"), [cells])
    return PlayerFilm("DVD", _find_file(first), runs, has_oracle=False)


def _find_file(first: Path) -> Path:
    """Return the file of which the title plays most, as which it is catalogued."""
    return max((first, first.with_name("VTS_01_2.VOB")), key=lambda path: path.stat().st_size)

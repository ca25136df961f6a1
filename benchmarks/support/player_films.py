"""Makes short films of the kinds whose clock a header alone tells wrong, with what is shown when.

A film shows another field of colours every half second, so that a picture tells its second.
"""

import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.context import BenchmarkError

RUN = 0.5
"""Seconds for which a field is shown."""
RATE = 24
"""Pictures in a second of most films."""
_SECONDS = 30
_COLUMNS, _ROWS, _BLOCK = 10, 6, 60
_TOOLS = ("ffmpeg", "mkvmerge", "mkvpropedit", "mpv")
_LINKED_UID = "11223344556677889900aabbccddeeff"
_INTRA = ("-g", "48")
_NOISE = "noise=alls=3:allf=t"
"""Keeps Theora from leaving out equal pictures: a seek of mpv shows the first one after it."""


@dataclass(frozen=True, slots=True)
class PlayerFilm:
    """A file and what a player shows of it.

    Attributes:
        kind: What is special about it.
        path: The file.
        runs: Player's second at which each field begins, and the field: its film's seed and number.
        has_oracle: Whether mpv's own clock is the player's; it is not where it starts again.
        disc: Folder of the disc that mpv plays from its beginning; it seeks in none exactly.
    """

    kind: str
    path: Path
    runs: tuple[tuple[float, int, int], ...]
    has_oracle: bool = True
    disc: Path | None = None


def draw_field(seed: int, number: int) -> NDArray[np.uint8]:
    """Return a field of a film as a picture, (360, 600, 3) RGB."""
    colours = np.random.default_rng([seed, number]).integers(
        20, 236, (_ROWS, _COLUMNS, 3), np.uint8
    )
    return np.repeat(np.repeat(colours, _BLOCK, 0), _BLOCK, 1)


def make_player_films(folder: Path, scratch: Path) -> list[PlayerFilm]:
    """Write the films of all kinds below a folder.

    Raises:
        BenchmarkError: One of the tools is not installed, or fails.
    """
    missing = [tool for tool in _TOOLS if which(tool) is None]
    if missing:
        raise BenchmarkError(f"this benchmark needs {', '.join(missing)}")
    maker = FilmMaker(folder, scratch)
    return [
        *_make_matroska(maker),
        *_make_movies(maker),
        *_make_declared_ends(maker),
        *_make_streams(maker),
        *_make_containers(maker),
        *_make_xvid(maker),
    ]


class FilmMaker:
    """Writes films; sources are made once for each seed."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._folder, self._scratch = folder, scratch

    def source(self, seed: int, seconds: int = _SECONDS) -> Path:
        """Return a film of one seed, with sound."""
        path = self._scratch / f"source-{seed}-{seconds}.mkv"
        if not path.exists():
            data = b"".join(draw_field(seed, n).tobytes() for n in range(int(seconds / RUN)))
            raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{_COLUMNS * _BLOCK}x360"]
            sound = ["-f", "lavfi", "-i", f"sine=440:d={seconds}"]
            codec = ["-c:v", "libx264", "-qp", "14", "-preset", "veryfast", "-bf", "3"]
            run_tool(
                [
                    "ffmpeg",
                    "-v",
                    "error",
                    "-y",
                    *raw,
                    "-r",
                    "2",
                    "-i",
                    "-",
                    *sound,
                    *codec,
                    "-vf",
                    f"fps={RATE},format=yuv420p",
                    *_INTRA,
                    "-c:a",
                    "aac",
                    str(path),
                ],
                data,
            )
        return path

    def convert(
        self, source: Path, target: Path, *options: str, before: Sequence[str] = ()
    ) -> Path:
        """Convert a film by ffmpeg."""
        target.parent.mkdir(parents=True, exist_ok=True)
        run_tool(["ffmpeg", "-v", "error", "-y", *before, "-i", str(source), *options, str(target)])
        return target

    def target(self, series: str, name: str) -> Path:
        """Return the path of a file of the library."""
        path = self._folder / series / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def work(self, name: str) -> Path:
        """Return the path of a file that is not of the library."""
        return self._scratch / name


def _make_matroska(maker: FilmMaker) -> list[PlayerFilm]:
    films = []
    for number, (kind, parts) in enumerate(
        {"skip": [(0, 5), (10, 20), (20, 30)], "reorder": [(0, 5), (25, 30), (5, 25)]}.items()
    ):
        seed = 1 + number
        path = maker.target("Ordered", f"Ordered - S01E0{seed}.mkv")
        _mux(maker.source(seed), path, maker.work("ordered.xml"), [(*one, "") for one in parts])
        films.append(PlayerFilm(f"ordered chapters: {kind}", path, follow(parts, seed)))
    opening = maker.target("Linked", "Linked - NCOP.mkv")
    uid = ("--segment-uid", f"0x{_LINKED_UID}")
    run_tool(["mkvmerge", "-q", "-o", str(opening), *uid, str(maker.source(3, 6))])
    path = maker.target("Linked", "Linked - S01E01.mkv")
    chapters = [(0, 5, ""), (0, 6, _LINKED_UID), (5, 30, "")]
    _mux(maker.source(4), path, maker.work("linked.xml"), chapters)
    runs = follow([(0, 5)], 4) + follow([(0, 6)], 3, 5) + follow([(5, 30)], 4, 11)
    return [*films, PlayerFilm("linked segment", path, runs)]


def _make_movies(maker: FilmMaker) -> list[PlayerFilm]:
    late = maker.convert(
        maker.source(5), maker.target("Movies", "Movies - S01E01.mp4"), "-an", "-c", "copy",
        before=("-itsoffset", "1.5"),
    )  # fmt: skip
    return [PlayerFilm("MP4 that begins late", late, follow([(0, 30)], 5, 1.5))]


def _make_declared_ends(maker: FilmMaker) -> list[PlayerFilm]:
    delayed = maker.target("Ends", "Ends - S01E01.mkv")
    source = str(maker.source(6))
    run_tool(["mkvmerge", "-q", "-o", str(delayed), "--sync", "0:2000", source])
    whole = maker.convert(
        maker.source(7), maker.work("whole.avi"),
        *("-c:v", "mpeg4", "-q:v", "3", "-bf", "0", "-vtag", "XVID", "-c:a", "libmp3lame"), *_INTRA,
    )  # fmt: skip
    data = bytearray(whole.read_bytes())
    header, stream = data.find(b"avih"), data.find(b"strh")
    data[header + 24 : header + 28] = data[stream + 40 : stream + 44] = struct.pack("<I", 0)
    unfinished = maker.target("Ends", "Ends - S01E02.avi")
    unfinished.write_bytes(data[: data.rfind(b"idx1")])
    return [
        PlayerFilm("video that begins after sound", delayed, follow([(0, 30)], 6, 2)),
        PlayerFilm("unfinished AVI", unfinished, follow([(0, 30)], 7)),
    ]


def _make_streams(maker: FilmMaker) -> list[PlayerFilm]:
    films = []
    for number, (kind, starts) in enumerate(
        {"starts again": (0, 0), "goes back": (5_000, 0), "leaps": (0, 4_000)}.items()
    ):
        seed = 8 + number
        path = maker.target("Streams", f"Streams - S01E0{1 + number}.ts")
        data = b""
        for half, start in enumerate(starts):
            part = maker.convert(
                maker.source(seed), maker.work("part.ts"), "-t", "15", "-c:v", "libx264", "-qp",
                *("16", "-preset", "veryfast"), *_INTRA, "-c:a", "aac", "-f", "mpegts",
                "-output_ts_offset", str(start), before=("-ss", str(15 * half)),
            )  # fmt: skip
            data += part.read_bytes()
        path.write_bytes(data)
        films.append(
            PlayerFilm(f"clock that {kind}", path, follow([(0, 30)], seed), has_oracle=False)
        )
    return films


def _make_containers(maker: FilmMaker) -> list[PlayerFilm]:
    mpeg = ("-g", "12", "-bf", "2", "-c:a", "mp2", "-q:v", "3")
    kinds: dict[str, tuple[str, ...]] = {
        "flv": ("-c", "copy"),
        "m2ts": ("-c", "copy", "-mpegts_m2ts_mode", "1"),
        "mpg": ("-c:v", "mpeg1video", *mpeg),
        "vob": ("-c:v", "mpeg2video", *mpeg, "-f", "vob"),
        "wmv": ("-c:v", "wmv2", "-q:v", "3", *_INTRA, "-c:a", "wmav2"),
        "ogv": ("-vf", _NOISE, "-c:v", "libtheora", "-q:v", "8", *_INTRA, "-c:a", "libvorbis"),
        "rmvb": ("-s", "640x352", "-c:v", "rv20", "-q:v", "3", *_INTRA, "-c:a", "ac3", "-f", "rm"),
        "divx": ("-c:v", "mpeg4", "-bf", "0", "-q:v", "3", *_INTRA, "-f", "avi"),
    }
    films = []
    for number, (suffix, options) in enumerate(kinds.items()):
        seed = 20 + number
        path = maker.target("Containers", f"Containers - S01E0{1 + number}.{suffix}")
        maker.convert(maker.source(seed, 15), path, *options)
        films.append(PlayerFilm(f".{suffix}", path, follow([(0, 15)], seed)))
    return films


def _make_xvid(maker: FilmMaker) -> list[PlayerFilm]:
    """Xvid of B-pictures, which it packs, as AVI and as mkvmerge takes it over.

    What libxvid writes is shown four frames late, by mpv as well.
    """
    seconds, late = 15, 4 / RATE
    avi = maker.convert(
        maker.source(40, seconds), maker.target("Xvid", "Xvid - S01E01.avi"),
        *("-c:v", "libxvid", "-bf", "2", "-q:v", "3", "-c:a", "libmp3lame"), *_INTRA,
    )  # fmt: skip
    later = maker.convert(
        maker.source(41, seconds), maker.work("packed.avi"),
        *("-c:v", "libxvid", "-bf", "2", "-q:v", "3", "-c:a", "libmp3lame"), *_INTRA,
    )  # fmt: skip
    matroska = maker.target("Xvid", "Xvid - S01E02.mkv")
    run_tool(["mkvmerge", "-q", "-o", str(matroska), str(later)])
    return [
        PlayerFilm("packed Xvid in AVI", avi, follow([(0, seconds - 1)], 40, late)),
        PlayerFilm("packed Xvid in Matroska", matroska, follow([(0, seconds - 1)], 41, late)),
    ]


def follow(
    parts: Sequence[tuple[float, float]], seed: int, start: float = 0.0
) -> tuple[tuple[float, int, int], ...]:
    """Return the runs of parts of one film, played one after the other."""
    runs = []
    for begin, end in parts:
        numbers = range(round(begin / RUN), round(end / RUN))
        runs += [(start + (one - numbers.start) * RUN, seed, one) for one in numbers]
        start += end - begin
    return tuple(runs)


def _mux(
    source: Path, target: Path, xml: Path, chapters: Sequence[tuple[float, float, str]]
) -> None:
    """Write a Matroska file with an ordered edition."""
    atoms = "".join(
        f"<ChapterAtom><ChapterUID>{number}</ChapterUID>"
        + (f'<ChapterSegmentUID format="hex">{uid}</ChapterSegmentUID>' if uid else "")
        + f"<ChapterTimeStart>00:00:{start:06.3f}</ChapterTimeStart>"
        f"<ChapterTimeEnd>00:00:{end:06.3f}</ChapterTimeEnd></ChapterAtom>"
        for number, (start, end, uid) in enumerate(chapters, 1)
    )
    flags = "<EditionFlagOrdered>1</EditionFlagOrdered><EditionFlagDefault>1</EditionFlagDefault>"
    xml.write_text(
        f'<?xml version="1.0"?><Chapters><EditionEntry>{flags}{atoms}</EditionEntry></Chapters>'
    )
    run_tool(["mkvmerge", "-q", "-o", str(target), "--chapters", str(xml), str(source)])


def run_tool(command: Sequence[str], data: bytes = b"") -> None:
    """Run a command with some standard input.

    Raises:
        BenchmarkError: It fails.
    """
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-400:]}")

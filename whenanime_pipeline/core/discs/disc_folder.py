"""Finds the main titles of a disc's folder, and the file that stands for each of them.

A title is catalogued as one of the files that it plays, which no other title has: its content, size
and time are the title's. Nothing outside the folder is read.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from whenanime_pipeline.core.discs.ifo import SECTOR, parse_title_set
from whenanime_pipeline.core.discs.mpls import parse_playlist
from whenanime_pipeline.core.discs.titles import (
    SHORTEST_EPISODE,
    DiscError,
    DiscPiece,
    DiscTitle,
    choose_titles,
    join_titles,
)

DISC_FOLDERS = frozenset({"bdmv", "video_ts"})
"""Names in lower case of the folders of discs that are read."""
_PLAYLIST_SUFFIXES = (".mpls", ".mpl")
_CLIP_SUFFIXES = (".m2ts", ".mts")
_TITLE_SET = re.compile(r"(VTS_\d\d)_0\.IFO", re.IGNORECASE)
_VOB = re.compile(r"(VTS_\d\d)_[1-9]\.VOB", re.IGNORECASE)
_MAX_PLAYLISTS = 2_000
"""Most playlists that are read; the format allows as many."""
_MAX_BYTES = 4 << 20
"""Most bytes of a playlist that are read: the largest have some hundred thousand."""


@dataclass(frozen=True, slots=True)
class DiscFile:
    """A file of a disc's streams.

    Attributes:
        name: Name in the folder of the streams.
        source: Stream that it holds: a clip, or a stretch of a title set.
        begin: Sector of the title set at which it begins; 0 for a clip.
        end: Sector after its last one; very large for a clip.
        state: Changes with size and modification time.
    """

    name: str
    source: str
    begin: int
    end: int
    state: str


@dataclass(frozen=True, slots=True)
class CataloguedTitle:
    """A main title and the files that it plays.

    Attributes:
        title: The title.
        files: Files of its streams by name of the stream, in order.
    """

    title: DiscTitle
    files: Mapping[str, tuple[DiscFile, ...]]


@dataclass(frozen=True, slots=True)
class DiscContents:
    """What a disc's folder holds.

    Attributes:
        streams: Folder of the streams relative to the disc's: `STREAM`, or empty.
        titles: Main titles by the name of the file that stands for each.
    """

    streams: str
    titles: Mapping[str, CataloguedTitle]


def is_disc_folder(name: str) -> bool:
    """Whether a folder's name is that of a disc which is read."""
    return name.lower() in DISC_FOLDERS


def find_disc_folder(video: Path) -> Path | None:
    """Return the folder of the disc whose streams a file belongs to; None for other files."""
    folder = video.parent
    if folder.name.lower() == "video_ts" and _VOB.fullmatch(video.name):
        return folder
    is_clip = folder.name.lower() == "stream" and video.suffix.lower() in _CLIP_SUFFIXES
    return folder.parent if is_clip and folder.parent.name.lower() == "bdmv" else None


def is_playlist_clip(video: Path) -> bool:
    """Whether a file is a clip of a Blu-ray disc, whose playlists may change without it."""
    folder = find_disc_folder(video)
    return folder is not None and folder.name.lower() == "bdmv"


def find_title(video: Path) -> CataloguedTitle | None:
    """Return the title that a file stands for; None for other files and for discs without any."""
    folder = find_disc_folder(video)
    if folder is None:
        return None
    try:
        return read_disc(folder).titles.get(video.name)
    except (DiscError, OSError):
        return None


def read_disc(folder: Path, *, shortest_episode: float = SHORTEST_EPISODE) -> DiscContents:
    """Return the main titles of a disc.

    Args:
        folder: `BDMV` or `VIDEO_TS`.
        shortest_episode: Seconds of the shortest title that may be one of several.

    Raises:
        DiscError: No playlist can be used; the reason is the first one's.
        OSError: The folder cannot be read.
    """
    if folder.name.lower() == "video_ts":
        files = tuple(_list_vobs(folder))
        infos = _list_states(folder, (".ifo",))
        playlists = tuple(one for one in infos if _TITLE_SET.fullmatch(one[0].name))
        streams = ""
    else:
        streams = _find_folder(folder, "STREAM")
        files = tuple(_list_clips(folder / streams))
        playlists = _list_states(folder / _find_folder(folder, "PLAYLIST"), _PLAYLIST_SUFFIXES)
    return DiscContents(streams, _read_titles(playlists, files, shortest_episode))


@lru_cache(maxsize=64)  # a watched folder is scanned again and again
def _read_titles(
    playlists: tuple[tuple[Path, str], ...], files: tuple[DiscFile, ...], shortest_episode: float
) -> Mapping[str, CataloguedTitle]:
    """Return the main titles by file; the states of the playlists are there to be compared."""
    by_source: dict[str, tuple[DiscFile, ...]] = {}
    for file in files:
        by_source[file.source] = (*by_source.get(file.source, ()), file)
    titles: list[DiscTitle] = []
    reasons: list[str] = []
    for path, _ in playlists[:_MAX_PLAYLISTS]:
        try:
            for title in _read_playlist(path):
                missing = _find_missing(title, by_source)
                if missing is None:
                    titles.append(title)
                else:
                    reasons.append(f"{path.name} plays {missing}, which is not there")
        except DiscError as error:
            reasons.append(f"{path.name} {error}")
    chosen = choose_titles(titles, shortest_episode=shortest_episode)
    if not chosen:
        raise DiscError(reasons[0] if reasons else "it has no playlist")
    owners = _assign_files(chosen, files)
    if owners is None:
        chosen = [join_titles(chosen, titles)]
        owners = _assign_files(chosen, files) or {}
    return {
        name: CataloguedTitle(title, {p.source: by_source[p.source] for p in title.pieces})
        for name, title in owners.items()
    }


def _read_playlist(path: Path) -> Sequence[DiscTitle]:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
    except OSError as error:
        raise DiscError(f"cannot be read ({error.strerror or error})") from error
    if match := _TITLE_SET.fullmatch(path.name):
        return parse_title_set(data, match[1].upper())
    return [DiscTitle(path.stem, parse_playlist(data))]


def _find_missing(title: DiscTitle, files: Mapping[str, Sequence[DiscFile]]) -> str | None:
    """Return a stream of a title that is not there, or not whole; None where all are."""
    for piece in title.pieces:
        held = files.get(piece.source)
        if not held or piece.end > held[-1].end:
            return piece.source
    return None


def _assign_files(
    titles: Sequence[DiscTitle], files: Sequence[DiscFile]
) -> dict[str, DiscTitle] | None:
    """Return a file of its own for each title, of which it plays most; None where some has none.

    Kuhn's algorithm: a title may move to another of its files to make room.
    """
    wanted = [_rank_files(title, files) for title in titles]
    owners: dict[str, int] = {}

    def place(title: int, tried: set[str]) -> bool:
        for name in wanted[title]:
            if name in tried:
                continue
            tried.add(name)
            if name not in owners or place(owners[name], tried):
                owners[name] = title
                return True
        return False

    if not all(place(number, set()) for number in range(len(titles))):
        return None
    return {name: titles[number] for name, number in owners.items()}


def _rank_files(title: DiscTitle, files: Sequence[DiscFile]) -> list[str]:
    """Return the files that a title plays, those of which it plays most first."""
    played: dict[str, float] = {}
    for file in files:
        whole = DiscPiece(file.source, file.begin, file.end, 0.0)
        seconds = sum(piece.measure_overlap(whole) for piece in title.pieces)
        if seconds > 0:
            played[file.name] = seconds
    return sorted(played, key=lambda name: (-round(played[name]), name))


def _list_clips(folder: Path) -> Iterator[DiscFile]:
    for path, state in _list_states(folder, _CLIP_SUFFIXES):
        yield DiscFile(path.name, path.stem, 0, 1 << 40, state)


def _list_vobs(folder: Path) -> Iterator[DiscFile]:
    """Yield the files of titles with their sectors: together those of a set are one stream."""
    ends: dict[str, int] = {}
    for path, state in _list_states(folder, (".vob",)):
        if match := _VOB.fullmatch(path.name):
            source = match[1].upper()
            begin = ends.get(source, 0)
            ends[source] = begin + int(state.partition(":")[0]) // SECTOR
            yield DiscFile(path.name, source, begin, ends[source], state)


def _list_states(folder: Path, suffixes: tuple[str, ...]) -> tuple[tuple[Path, str], ...]:
    """Return the files of some kinds in a folder with size and modification time, by name."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.lower().endswith(suffixes) and not entry.name.startswith("."):
                status = entry.stat()
                found.append((folder / entry.name, f"{status.st_size}:{status.st_mtime_ns}"))
    return tuple(sorted(found, key=lambda one: one[0].name.upper()))


def _find_folder(folder: Path, name: str) -> str:
    """Return the name of a folder in another one as it is spelt.

    Raises:
        DiscError: There is none.
    """
    for found in sorted(path.name for path in folder.iterdir()):
        if found.upper() == name:
            return found
    raise DiscError(f"it has no folder {name}")

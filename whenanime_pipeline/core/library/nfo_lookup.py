"""Which NFO file belongs to which video, read once each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from whenanime_pipeline.core.library.episode import EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.errors import Problem
from whenanime_pipeline.core.library.nfo import NfoError, read_nfo

_ROOT_NFO = "tvshow.nfo"


@dataclass(frozen=True, slots=True)
class SeriesInfoLookup:
    """What the NFO files say.

    Attributes:
        by_path: A video's relative path to its series' titles, ids and characters.
        warnings: NFO files that could not be used; nothing depends on them.
    """

    by_path: Mapping[str, SeriesInfo]
    warnings: tuple[Problem, ...]


def resolve_root_title(folder: Path, nfos: Sequence[str], library_title: str | None) -> str:
    """The series of files whose path names none.

    Args:
        folder: The videos folder.
        nfos: Relative paths of the NFO files in it.
        library_title: The configured title, or None.

    Returns:
        The title in the root's `tvshow.nfo`, else the configured one, else the folder's name.
    """
    fallback = library_title or folder.resolve().name or "Library"
    for path in nfos:
        if path.lower() == _ROOT_NFO:
            try:
                info = read_nfo(folder / path, title=fallback)
            except NfoError:
                continue  # reported with the others by `read_series_infos`
            if info:
                return info.title
    return fallback


def read_series_infos(
    folder: Path, nfos: Sequence[str], names: Mapping[str, EpisodeName], root: str
) -> SeriesInfoLookup:
    """Find and read each video's NFO file.

    A film's is its own (`Sintel.nfo` beside `Sintel.mkv`) or `movie.nfo`; a series' is the nearest
    `tvshow.nfo` above. That of the videos folder speaks only for what is named after it.

    Args:
        folder: The videos folder.
        nfos: Relative paths of the NFO files in it.
        names: A video's relative path to its name.
        root: As `resolve_root_title` gave it.
    """
    there = {path.lower(): path for path in nfos}
    above: dict[str, list[str]] = {}
    read: dict[str, SeriesInfo | None] = {}
    warnings: list[Problem] = []
    by_path = {}
    for path, name in names.items():
        folder_of = path.lower().rpartition("/")[0]
        if folder_of not in above:
            above[folder_of] = _list_series_nfos(folder_of, there)
        info = None
        for nfo in _list_candidates(path, name, root, above[folder_of], there):
            if nfo not in read:
                read[nfo] = _read_or_warn(folder, nfo, name.series, warnings)
            info = read[nfo]
            if info:
                break
        by_path[path] = info or SeriesInfo(title=name.series, year=name.year)
    if _ROOT_NFO in there and there[_ROOT_NFO] not in read:
        _read_or_warn(folder, there[_ROOT_NFO], root, warnings)
    return SeriesInfoLookup(by_path, tuple(sorted(warnings)))


def _list_series_nfos(folder: str, there: Mapping[str, str]) -> list[str]:
    """Each `tvshow.nfo` in a folder and above it, nearest first, without the root's."""
    found = []
    while folder:
        if nfo := there.get(f"{folder}/{_ROOT_NFO}"):
            found.append(nfo)
        folder = folder.rpartition("/")[0]
    return found


def _list_candidates(
    path: str, name: EpisodeName, root: str, above: Sequence[str], there: Mapping[str, str]
) -> list[str]:
    found = []
    if name.kind == "film":
        here = PurePosixPath(path.lower())
        own = (str(here.with_suffix(".nfo")), str(here.parent / "movie.nfo"))
        found = [there[nfo] for nfo in own if nfo in there]
    found += above
    if name.series == root and _ROOT_NFO in there:
        found.append(there[_ROOT_NFO])
    return found


def _read_or_warn(folder: Path, nfo: str, title: str, warnings: list[Problem]) -> SeriesInfo | None:
    try:
        return read_nfo(folder / nfo, title=title)
    except NfoError as error:
        warnings.append(Problem(nfo, error.reason))
        return None

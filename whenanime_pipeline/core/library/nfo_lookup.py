"""Finds the NFO file of each video, and reads each file once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from whenanime_pipeline.core.library.episode import EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.errors import Problem
from whenanime_pipeline.core.library.nfo import NfoError, read_nfo

_ROOT_NFO = "tvshow.nfo"


@dataclass(frozen=True, slots=True)
class SeriesInfoLookup:
    """Metadata from NFO files.

    Attributes:
        by_path: Relative path of a video to the metadata of its series or film.
        warnings: NFO files that could not be used; no episode depends on them.
    """

    by_path: Mapping[str, SeriesInfo]
    warnings: tuple[Problem, ...]


def resolve_root_title(folder: Path, nfos: Sequence[str], library_title: str | None) -> str:
    """Return the series of files whose path names none.

    Args:
        folder: Videos folder.
        nfos: Relative paths of the NFO files in it.
        library_title: Configured title, or None.

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

    A film uses its own file (`Sintel.nfo` next to `Sintel.mkv`) or `movie.nfo`; a series uses the
    nearest `tvshow.nfo` above. The one in the videos folder applies only to the root series.

    Args:
        folder: Videos folder.
        nfos: Relative paths of the NFO files in it.
        names: Relative path of a video to its name.
        root: Title from `resolve_root_title`.

    Returns:
        Metadata for every video, which holds only the name and year where there is no NFO file.
    """
    nfo_paths = {path.lower(): path for path in nfos}
    above: dict[str, list[str]] = {}
    infos: dict[str, SeriesInfo | None] = {}
    warnings: list[Problem] = []
    by_path = {}
    for path, name in names.items():
        parent = path.lower().rpartition("/")[0]
        if parent not in above:
            above[parent] = _list_series_nfos(parent, nfo_paths)
        info = None
        for nfo in _list_candidates(path, name, root, above[parent], nfo_paths):
            if nfo not in infos:
                infos[nfo] = _read_or_warn(folder, nfo, name.series, warnings)
            info = infos[nfo]
            if info:
                break
        by_path[path] = info or SeriesInfo(title=name.series, year=name.year)
    if _ROOT_NFO in nfo_paths and nfo_paths[_ROOT_NFO] not in infos:
        _read_or_warn(folder, nfo_paths[_ROOT_NFO], root, warnings)
    return SeriesInfoLookup(by_path, tuple(sorted(warnings)))


def _list_series_nfos(folder: str, nfo_paths: Mapping[str, str]) -> list[str]:
    """Return each `tvshow.nfo` in a folder and above it, nearest first, except the root's."""
    nfos = []
    while folder:
        if nfo := nfo_paths.get(f"{folder}/{_ROOT_NFO}"):
            nfos.append(nfo)
        folder = folder.rpartition("/")[0]
    return nfos


def _list_candidates(
    path: str, name: EpisodeName, root: str, above: Sequence[str], nfo_paths: Mapping[str, str]
) -> list[str]:
    """Return the NFO files that may describe a video, in order of precedence."""
    candidates = []
    if name.kind == "film":
        here = PurePosixPath(path.lower())
        own = (str(here.with_suffix(".nfo")), str(here.parent / "movie.nfo"))
        candidates = [nfo_paths[nfo] for nfo in own if nfo in nfo_paths]
    candidates += above
    if name.series == root and _ROOT_NFO in nfo_paths:
        candidates.append(nfo_paths[_ROOT_NFO])
    return candidates


def _read_or_warn(folder: Path, nfo: str, title: str, warnings: list[Problem]) -> SeriesInfo | None:
    try:
        return read_nfo(folder / nfo, title=title)
    except NfoError as error:
        warnings.append(Problem(nfo, error.reason))
        return None

"""Finds the NFO files of each video, and reads each file once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from whenanime_pipeline.core.library.episode import EpisodeInfo, EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.errors import Problem
from whenanime_pipeline.core.library.naming.disc_names import find_disc_parent
from whenanime_pipeline.core.library.nfo.documents import Nfo, SeasonInfo, read_nfo
from whenanime_pipeline.core.library.nfo.people import merge_characters
from whenanime_pipeline.core.library.nfo.seasons import (
    SeasonFiles,
    add_season,
    find_series_with_season_ids,
    holds_series_ids,
)
from whenanime_pipeline.core.library.nfo.tags import merge_tags

_ROOT_NFO = "tvshow.nfo"
_NO_NFO = Nfo()


@dataclass(frozen=True, slots=True)
class SeriesInfoLookup:
    """Metadata from NFO files.

    Attributes:
        by_path: Relative path of a video to the metadata of its series or film.
        warnings: NFO files of which not all could be used; no episode depends on them.
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
            series = read_nfo(folder / path, title=fallback).series
            if series:
                return series.title
    return fallback


def read_series_infos(
    folder: Path, nfos: Sequence[str], names: Mapping[str, EpisodeName], root: str
) -> SeriesInfoLookup:
    """Find and read each video's NFO files.

    A film uses its own file (`Sintel.nfo` next to `Sintel.mkv`) or `movie.nfo`; a series uses the
    nearest `tvshow.nfo` above. The one in the videos folder applies only to the root series. A
    season's `season.nfo` and an episode's own file add to it.

    Args:
        folder: Videos folder.
        nfos: Relative paths of the NFO files in it.
        names: Relative path of a video to its name.
        root: Title from `resolve_root_title`.

    Returns:
        Metadata for every video, which holds only the name and year where there is no NFO file.
    """
    if not nfos:
        plain = {path: SeriesInfo(name.series, year=name.year) for path, name in names.items()}
        return SeriesInfoLookup(plain, ())
    reader = _Reader(folder, nfos, root)
    files = SeasonFiles(reader.paths, names, reader.read_season)
    seasons: dict[str, SeasonInfo] = {}
    if files:
        for path, name in names.items():
            if name.kind != "film":
                found = files.find(path, name, use_root=name.series == root)
                if found:
                    seasons[path] = found
    with_ids = find_series_with_season_ids(names, seasons)
    by_path = {
        path: reader.describe(path, name, seasons.get(path), has_ids=name.series in with_ids)
        for path, name in names.items()
    }
    reader.read_root()
    return SeriesInfoLookup(by_path, tuple(sorted(reader.warnings)))


class _Reader:
    """Reads NFO files, each once, and collects their warnings."""

    def __init__(self, folder: Path, nfos: Sequence[str], root: str) -> None:
        self.paths = {path.lower(): path for path in nfos}
        self.warnings: list[Problem] = []
        self._folder = folder
        self._root = root
        self._above: dict[str, list[str]] = {}
        self._read: dict[str, Nfo] = {}

    def read_root(self) -> None:
        """Read the videos folder's `tvshow.nfo` for its warnings, whether or not it is used."""
        if _ROOT_NFO in self.paths:
            self._read_once(self.paths[_ROOT_NFO], self._root)

    def read_season(self, nfo: str) -> SeasonInfo | None:
        """Return the season in a file; None where it holds none."""
        return self._read_once(nfo, self._root).season

    def describe(
        self, path: str, name: EpisodeName, season: SeasonInfo | None, *, has_ids: bool
    ) -> SeriesInfo:
        """Return the metadata of a video.

        Args:
            path: Relative path of the video.
            name: Its name.
            season: Metadata of its season.
            has_ids: Whether some season of its series has ids of its own.
        """
        lower = path.lower()
        own = self._read_own(lower, name)
        nfo = self._find_series(lower, name, own)
        info = nfo.series or SeriesInfo(title=name.series, year=name.year)
        if not nfo.is_film and (season or has_ids or nfo.season_names):
            number = -1 if name.season is None else name.season
            info = add_season(
                info,
                season,
                nfo.season_names.get(number),
                has_other_ids=has_ids and not holds_series_ids(name.season),
            )
        if own.episodes:
            info = replace(info, episode=_choose_episode(own.episodes, name, path))
        return info

    def _find_series(self, path: str, name: EpisodeName, own: Nfo) -> Nfo:
        """Return the file that describes the series or film of a video."""
        if own.series and (own.is_film or name.kind == "film"):
            return own
        parent = path.rpartition("/")[0]
        if parent not in self._above:
            self._above[parent] = _list_series_nfos(parent, self.paths)
        candidates = list(self._above[parent])
        if name.kind == "film":
            candidates[:0] = [
                self.paths[film] for film in _list_film_nfos(path, parent) if film in self.paths
            ]
        if name.series == self._root and _ROOT_NFO in self.paths:
            candidates.append(self.paths[_ROOT_NFO])
        for candidate in candidates:
            nfo = self._read_once(candidate, name.series)
            if nfo.series:
                return nfo
        return _NO_NFO

    def _read_own(self, path: str, name: EpisodeName) -> Nfo:
        nfo = self.paths.get(f"{path.rpartition('.')[0]}.nfo")
        return self._read_once(nfo, name.series) if nfo else _NO_NFO

    def _read_once(self, nfo: str, title: str) -> Nfo:
        if nfo not in self._read:
            self._read[nfo] = read = read_nfo(self._folder / nfo, title=title)
            self.warnings += [Problem(nfo, reason) for reason in read.warnings]
        return self._read[nfo]


def _list_film_nfos(path: str, parent: str) -> list[str]:
    """Return the paths that a film's NFO may have; a disc's stands next to the disc."""
    disc = find_disc_parent(path)
    if disc is None:
        return [f"{parent}/movie.nfo".lstrip("/")]
    names = (f"{disc.rpartition('/')[2]}.nfo", "movie.nfo")
    return [f"{disc}/{name}".lstrip("/") for name in names]


def _list_series_nfos(folder: str, nfo_paths: Mapping[str, str]) -> list[str]:
    """Return each `tvshow.nfo` in a folder and above it, nearest first, except the root's."""
    nfos = []
    while folder:
        if nfo := nfo_paths.get(f"{folder}/{_ROOT_NFO}"):
            nfos.append(nfo)
        folder = folder.rpartition("/")[0]
    return nfos


def _choose_episode(
    entries: Sequence[EpisodeInfo], name: EpisodeName, path: str
) -> EpisodeInfo | None:
    """Return what an NFO file says of a video's episodes; None where it says nothing.

    Of a file that describes several episodes, those count whose number is the video's: Kodi writes
    the whole list next to each video of them. Where no number is, all count.
    """
    first, last = name.number, name.number_end or name.number
    fitting = [
        entry
        for entry in entries
        if first is not None
        and last is not None
        and entry.number is not None
        and first <= entry.number <= last
        and (name.season is None or entry.season in {None, name.season})
    ]
    chosen = fitting or list(entries)
    # Programs that found no episode write the file's name as its title.
    stem = path.rpartition("/")[2].rpartition(".")[0].casefold()
    titles = [one.title for one in chosen if one.title and one.title.casefold() != stem]
    found = replace(
        chosen[0],
        title=" / ".join(dict.fromkeys(titles)) or None,
        characters=merge_characters(*(one.characters for one in chosen)),
        genres=merge_tags(*(one.genres for one in chosen)),
        tags=merge_tags(*(one.tags for one in chosen)),
    )
    return None if found == EpisodeInfo() else found

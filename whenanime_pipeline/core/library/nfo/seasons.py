"""Finds the NFO file of a video's season, and adds what it says to the series' metadata."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from whenanime_pipeline.core.library.episode import EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.nfo.documents import SeasonInfo
from whenanime_pipeline.core.library.nfo.fields import SITES, set_ids
from whenanime_pipeline.core.library.nfo.people import MAX_CHARACTERS
from whenanime_pipeline.core.library.nfo.tags import merge_tags

# Jellyfin and Emby write `season.nfo` into the season's folder; tinyMediaManager that, or
# `season02.nfo` and `season-specials.nfo` into the series'.
_SEASON_NFO = re.compile(
    r"season(?:[\s._-]*(?P<number>\d{1,4})|-(?P<specials>specials))?\.nfo", re.I
)
_SEASON_IDS = ("anilist", "mal", "anidb")
"""Sites on which each season is an entry of its own; TheTVDB and TheMovieDB number series."""


@dataclass(frozen=True, slots=True)
class _SeasonFile:
    path: str
    number: int | None
    is_named: bool
    """Whether its number is in its name."""


class SeasonFiles:
    """The season NFO files of a library, found by folder and season."""

    def __init__(
        self,
        nfo_paths: Mapping[str, str],
        names: Mapping[str, EpisodeName],
        read_season: Callable[[str], SeasonInfo | None],
    ) -> None:
        """Read all season NFO files.

        Args:
            nfo_paths: Path of an NFO file in lower case to its path.
            names: Relative path of a video to its name.
            read_season: Reads a season NFO file; None where it holds no season.
        """
        self._infos: dict[str, SeasonInfo] = {}
        self._files: dict[str, list[_SeasonFile]] = defaultdict(list)
        for lower, path in nfo_paths.items():
            folder, _, name = lower.rpartition("/")
            match = _SEASON_NFO.fullmatch(name)
            info = read_season(path) if match else None
            if match and info:
                named = int(match["number"] or 0) if match["number"] or match["specials"] else None
                number = info.number if named is None else named
                self._infos[path] = info
                self._files[folder].append(_SeasonFile(path, number, named is not None))
        self._series_folders = {
            lower.rpartition("/")[0] for lower in nfo_paths if f"/{lower}".endswith("/tvshow.nfo")
        }
        self._seasons = self._collect_seasons(names)

    def __bool__(self) -> bool:
        return bool(self._files)

    def find(self, path: str, name: EpisodeName, *, use_root: bool) -> SeasonInfo | None:
        """Return the metadata of a video's season; None where no file describes it.

        A file describes the videos at and below its folder whose season has its number, which is
        in its name or its content. `season.nfo` without a number, or with one that no video there
        has, describes the one season that its folder holds.

        Args:
            path: Relative path of the video.
            name: Its name.
            use_root: Whether files in the videos folder itself are about its series.
        """
        folder = path.lower().rpartition("/")[0]
        is_own = True
        while folder or use_root:
            for file in self._files.get(folder, ()):
                if self._describes(file, folder, name.season, is_own=is_own):
                    return self._infos[file.path]
            if not folder or folder in self._series_folders:
                return None
            folder, is_own = folder.rpartition("/")[0], False
        return None

    def _collect_seasons(self, names: Mapping[str, EpisodeName]) -> dict[str, set[int | None]]:
        """Return the seasons at and below each folder that has season NFO files."""
        seasons: dict[str, set[int | None]] = defaultdict(set)
        if not self._files:
            return seasons
        for path, name in names.items():
            folder = path.lower()
            while folder:
                folder = folder.rpartition("/")[0]
                if folder in self._files:
                    seasons[folder].add(name.season)
        return seasons

    def _describes(
        self, file: _SeasonFile, folder: str, season: int | None, *, is_own: bool
    ) -> bool:
        if file.number is not None and file.number == season:
            return True
        if file.is_named or len(self._files[folder]) > 1:
            return False
        seasons = self._seasons[folder]
        if folder in self._series_folders or len(seasons - {0}) > 1:
            # In the folder of a whole series: its first season, or all where none is numbered.
            return is_own and file.number in {None, 1} and season in {None, 1}
        if file.number in seasons - {None} or (file.number is not None and not is_own):
            return False
        return season != 0 or seasons == {0}


def add_season(
    info: SeriesInfo, season: SeasonInfo | None, name: str | None, *, has_other_ids: bool
) -> SeriesInfo:
    """Return the metadata of a series with those of a season.

    Ids of the season replace those of the series. AniList, MyAnimeList and AniDB number seasons, so
    an id of the season on one of them discards the series' ids on all three.

    Args:
        info: Metadata of the series.
        season: Metadata of the season, or None.
        name: Name of the season in the series' NFO file, or None.
        has_other_ids: Whether only other seasons have ids, and the series' ids are not this one's.
    """
    name = (season.name if season else None) or name
    name = None if name in {info.title, info.native, info.romaji} else name
    ids = season.ids if season else {}
    dropped = has_other_ids or any(site in ids for site in _SEASON_IDS)
    kept = {site: number for site in SITES if (number := getattr(info, site)) is not None}
    kept = {site: number for site, number in kept.items() if not (dropped and site in _SEASON_IDS)}
    info = set_ids(replace(info, season_name=name), {**kept, **ids})
    if season is None:
        return info
    characters = tuple(dict.fromkeys([*info.characters, *season.characters]))
    return replace(
        info,
        genres=merge_tags(info.genres, season.genres),
        tags=merge_tags(info.tags, season.tags),
        characters=characters[:MAX_CHARACTERS],
    )


def find_series_with_season_ids(
    names: Mapping[str, EpisodeName], seasons: Mapping[str, SeasonInfo]
) -> frozenset[str]:
    """Return the series of which some season has an id of its own.

    Args:
        names: Relative path of a video to its name.
        seasons: Relative path of a video to the metadata of its season.
    """
    return frozenset(
        names[path].series
        for path, season in seasons.items()
        if any(site in season.ids for site in _SEASON_IDS)
    )


def holds_series_ids(season: int | None) -> bool:
    """Whether a season without ids has those of its series, although other seasons have own ones.

    A series is entered on AniList by its first season; its specials are found with it.
    """
    return season in {None, 0, 1}

"""Parses the folders above a video: series, season and specials."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from whenanime_pipeline.core.library.cjk_numbering import find_season_number
from whenanime_pipeline.core.library.numbered_names import NumberedName, parse_numbered_name
from whenanime_pipeline.core.library.release_names import parse_with_anitopy
from whenanime_pipeline.core.library.release_spelling import normalise_release_name

_SEASON = re.compile(
    r"(?:season|saison|staffel|temporada|stagione|series|s)[\s._-]?(\d{1,4})"
    r"(?:\s*[-–:_]\s*(?P<name>.*\S))?",
    re.IGNORECASE,
)
_SEASON_AT_END = re.compile(r"(?<=\S)[\s._-]+(?:s|season\s?)(\d{1,3})$", re.IGNORECASE)
_YEAR = re.compile(r"(?<=\S)\s*[(（\[]((?:19|20)\d\d)[)）\]]$")
# Folder names of Plex, Jellyfin and disc rips, with the mark of their specials.
_SPECIALS_FOLDERS = {
    "specials": None, "special": None, "特别篇": None, "特典": None, "番外": None, "番外篇": None,
    "sp": "SP", "sps": "SP", "ova": "OVA", "ovas": "OVA", "oad": "OVA", "nc": "NC", "cm": "CM",
    "ncop": "NCOP", "nced": "NCED", "menu": "Menu", "pv": "PV", "pvs": "PV",
    "extra": "Extra", "extras": "Extra", "bonus": "Extra", "other": "Extra", "shorts": "Short",
    "trailers": "Trailer", "featurettes": "Featurette", "interviews": "Interview",
    "scenes": "Scene", "deleted scenes": "Scene", "behind the scenes": "Featurette",
}  # fmt: skip
# Folders that hold several series.
_COLLECTION_FOLDERS = frozenset(
    {"anime", "animes", "animation", "videos", "video", "movies", "movie", "films", "film"}
    | {"tv", "tv shows", "tvshows", "shows", "series", "downloads", "download", "media", "library"}
    | {"动画", "动漫", "番剧", "电影", "动画电影", "剧场版", "アニメ", "映画"}
)


@dataclass(frozen=True, slots=True)
class FolderNames:
    """Series and season as parsed from a video's folders.

    Attributes:
        series: Name of the series; None at the root and in a collection folder (`Movies/`).
        year: Year in the series folder's name.
        season: Number from a season folder, or from a series folder such as `Show S2`.
        season_name: Name from a season folder that has one.
        is_specials: Whether the innermost folder holds specials.
        mark: Kind of the specials.
        has_season_folder: Whether there is a season folder, so that the series is the folder above.
        numbered: Innermost folder in the numbered scheme, which may be a season.
        as_season: Reading of the folders in which `numbered` is a season.
    """

    series: str | None = None
    year: int | None = None
    season: int | None = None
    season_name: str | None = None
    is_specials: bool = False
    mark: str | None = None
    has_season_folder: bool = False
    numbered: NumberedName | None = None
    as_season: "FolderNames | None" = None


@lru_cache(maxsize=4096)
def parse_folder_names(names: tuple[str, ...]) -> FolderNames:
    """Parse the folders between the videos folder and a video.

    Args:
        names: Folder names from the outermost to the innermost, NFC; may be empty.
    """
    rest = list(names)
    folders = FolderNames()
    while rest:
        name = rest[-1].strip()
        if name.casefold() in _SPECIALS_FOLDERS:
            mark = folders.mark or _SPECIALS_FOLDERS[name.casefold()]
            folders = replace(
                folders, season=0, is_specials=True, mark=mark, has_season_folder=True
            )
        elif season := _parse_season_folder(name):
            number, own_name = season
            if not folders.is_specials:
                folders = replace(
                    folders, season=number, season_name=own_name, is_specials=number == 0
                )
            folders = replace(folders, has_season_folder=True)
        else:
            break
        rest.pop()
    if not rest or rest[-1].strip().casefold() in _COLLECTION_FOLDERS:
        return folders
    return _add_series(folders, rest)


def _add_series(folders: FolderNames, rest: Sequence[str]) -> FolderNames:
    title, year, season = _parse_series_folder(rest[-1])
    if folders.season is None:
        folders = replace(folders, season=season)
    folders = replace(folders, series=title, year=year)
    numbered = parse_numbered_name(rest[-1])
    if numbered and numbered.name and not folders.has_season_folder:
        above = parse_folder_names(tuple(rest[:-1]))
        as_season = replace(
            above,
            season=numbered.number,
            season_name=numbered.name,
            is_specials=numbered.number == 0,
            has_season_folder=True,
            numbered=None,
            as_season=None,
        )
        folders = replace(folders, numbered=numbered, as_season=as_season)
    return folders


def _parse_season_folder(name: str) -> tuple[int, str | None] | None:
    """Parse number and name of a season from `Season 01`, `S1 - The Name` or `第二季`."""
    if match := _SEASON.fullmatch(name):
        return int(match[1]), match["name"]
    counted = find_season_number(name)
    if counted and not counted.before and counted.first.isdecimal():
        return int(counted.first), counted.after.strip(" -_:：") or None
    return None


def _parse_series_folder(name: str) -> tuple[str, int | None, int | None]:
    """Parse title without release tags, year and season from a series folder's name."""
    text = name.strip()
    if re.search(r"[\[【]|\d{3,4}p\b", text) or (" " not in text and text.count(".") > 1):
        title = parse_with_anitopy(normalise_release_name(text).text, numbers=False).get(
            "anime_title"
        )
        text = title if isinstance(title, str) and title.strip(" -_.") else text
    year = season = None
    if match := _YEAR.search(text):
        text, year = text[: match.start()], int(match[1])
    if match := _SEASON_AT_END.search(text):
        text, season = text[: match.start()].rstrip(" -_."), int(match[1])
    elif (counted := find_season_number(text)) and counted.before and counted.first.isdecimal():
        text, season = counted.before.rstrip(" -_."), int(counted.first)
    elif (elements := parse_with_anitopy(normalise_release_name(text).text, numbers=False)).get(
        "anime_season"
    ):
        title, number = elements.get("anime_title"), elements["anime_season"]
        if isinstance(title, str) and isinstance(number, str) and number.isdecimal():
            text, season = title.strip(" -_."), int(number)
    return text or name, year, season

"""What the folders above a video say: the series, the season, whether these are specials."""

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
# Folder names of Plex, Jellyfin and disc rips, with what they hold.
_SPECIALS_FOLDERS = {
    "specials": None, "special": None, "特别篇": None, "特典": None, "番外": None, "番外篇": None,
    "sp": "SP", "sps": "SP", "ova": "OVA", "ovas": "OVA", "oad": "OVA", "nc": "NC", "cm": "CM",
    "ncop": "NCOP", "nced": "NCED", "menu": "Menu", "pv": "PV", "pvs": "PV",
    "extra": "Extra", "extras": "Extra", "bonus": "Extra", "other": "Extra", "shorts": "Short",
    "trailers": "Trailer", "featurettes": "Featurette", "interviews": "Interview",
    "scenes": "Scene", "deleted scenes": "Scene", "behind the scenes": "Featurette",
}  # fmt: skip
# Shelves, not series.
_COLLECTION_FOLDERS = frozenset(
    {"anime", "animes", "animation", "videos", "video", "movies", "movie", "films", "film"}
    | {"tv", "tv shows", "tvshows", "shows", "series", "downloads", "download", "media", "library"}
    | {"动画", "动漫", "番剧", "电影", "动画电影", "剧场版", "アニメ", "映画"}
)


@dataclass(frozen=True, slots=True)
class FolderNames:
    """What a video's folders say.

    Attributes:
        series: The series' name, None at the root and on a shelf (`Movies/`).
        year: In the series folder's name.
        season: From a season folder, or from a series folder such as `Show S2`.
        season_name: From a season folder with a name of its own.
        is_specials: Whether the innermost folder holds specials.
        mark: Which kind of specials.
        has_season_folder: Whether there is a season folder, so that the series is the folder above.
        numbered: The innermost folder in the numbered scheme, as yet only possibly a season.
        as_season: With `numbered`, what the folders say if it is a season.
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
    """Read the folders between the videos folder and a video.

    Args:
        names: From the outermost to the innermost, NFC; may be empty.
    """
    rest = list(names)
    found = FolderNames()
    while rest:
        name = rest[-1].strip()
        if name.casefold() in _SPECIALS_FOLDERS:
            mark = found.mark or _SPECIALS_FOLDERS[name.casefold()]
            found = replace(found, season=0, is_specials=True, mark=mark, has_season_folder=True)
        elif season := _parse_season_folder(name):
            number, own_name = season
            if not found.is_specials:
                found = replace(found, season=number, season_name=own_name, is_specials=number == 0)
            found = replace(found, has_season_folder=True)
        else:
            break
        rest.pop()
    if not rest or rest[-1].strip().casefold() in _COLLECTION_FOLDERS:
        return found
    return _add_series(found, rest)


def _add_series(found: FolderNames, rest: Sequence[str]) -> FolderNames:
    title, year, season = _parse_series_folder(rest[-1])
    if found.season is None:
        found = replace(found, season=season)
    found = replace(found, series=title, year=year)
    numbered = parse_numbered_name(rest[-1])
    if numbered and numbered.name and not found.has_season_folder:
        above = parse_folder_names(tuple(rest[:-1]))
        outside = replace(
            above, season=numbered.number, season_name=numbered.name, is_specials=numbered.number == 0,
            has_season_folder=True, numbered=None, as_season=None,
        )  # fmt: skip
        found = replace(found, numbered=numbered, as_season=outside)
    return found


def _parse_season_folder(name: str) -> tuple[int, str | None] | None:
    """`Season 01`, `S1 - The Name` and `第二季`: the number and the season's own name."""
    if found := _SEASON.fullmatch(name):
        return int(found[1]), found["name"]
    counted = find_season_number(name)
    if counted and not counted.before and counted.first.isdecimal():
        return int(counted.first), counted.after.strip(" -_:：") or None
    return None


def _parse_series_folder(name: str) -> tuple[str, int | None, int | None]:
    """A series folder's title without release tags, its year and its season."""
    spelt = name.strip()
    if re.search(r"[\[【]|\d{3,4}p\b", spelt) or (" " not in spelt and spelt.count(".") > 1):
        title = parse_with_anitopy(normalise_release_name(spelt).text, numbers=False).get(
            "anime_title"
        )
        spelt = title if isinstance(title, str) and title.strip(" -_.") else spelt
    year = season = None
    if found := _YEAR.search(spelt):
        spelt, year = spelt[: found.start()], int(found[1])
    if found := _SEASON_AT_END.search(spelt):
        spelt, season = spelt[: found.start()].rstrip(" -_."), int(found[1])
    elif (counted := find_season_number(spelt)) and counted.before and counted.first.isdecimal():
        spelt, season = counted.before.rstrip(" -_."), int(counted.first)
    elif (ordinal := parse_with_anitopy(normalise_release_name(spelt).text, numbers=False)).get(
        "anime_season"
    ):
        title, number = ordinal.get("anime_title"), ordinal["anime_season"]
        if isinstance(title, str) and isinstance(number, str) and number.isdecimal():
            spelt, season = title.strip(" -_."), int(number)
    return spelt or name, year, season

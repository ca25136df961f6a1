"""What the folders above a video say: the series, the season, whether these are specials."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from whenanime_pipeline.core.library.counters import find_season
from whenanime_pipeline.core.library.fan_names import parse_release
from whenanime_pipeline.core.library.respell import respell
from whenanime_pipeline.core.library.seed_names import Numbered, read_numbered

_SEASON = re.compile(
    r"(?:season|saison|staffel|temporada|stagione|series|s)[\s._-]?(\d{1,4})"
    r"(?:\s*[-–:_]\s*(?P<name>.*\S))?",
    re.IGNORECASE,
)
_SEASON_AT_END = re.compile(r"(?<=\S)[\s._-]+(?:s|season\s?)(\d{1,3})$", re.IGNORECASE)
_YEAR = re.compile(r"(?<=\S)\s*[(（\[]((?:19|20)\d\d)[)）\]]$")
# Folder names of Plex, Jellyfin and disc rips, with what they hold.
_SPECIALS = {
    "specials": None, "special": None, "特别篇": None, "特典": None, "番外": None, "番外篇": None,
    "sp": "SP", "sps": "SP", "ova": "OVA", "ovas": "OVA", "oad": "OVA", "nc": "NC", "cm": "CM",
    "ncop": "NCOP", "nced": "NCED", "menu": "Menu", "pv": "PV", "pvs": "PV",
    "extra": "Extra", "extras": "Extra", "bonus": "Extra", "other": "Extra", "shorts": "Short",
    "trailers": "Trailer", "featurettes": "Featurette", "interviews": "Interview",
    "scenes": "Scene", "deleted scenes": "Scene", "behind the scenes": "Featurette",
}  # fmt: skip
# Shelves, not series.
_SHELVES = frozenset(
    {"anime", "animes", "animation", "videos", "video", "movies", "movie", "films", "film"}
    | {"tv", "tv shows", "tvshows", "shows", "series", "downloads", "download", "media", "library"}
    | {"动画", "动漫", "番剧", "电影", "动画电影", "剧场版", "アニメ", "映画"}
)


@dataclass(frozen=True, slots=True)
class Folders:
    """What a video's folders say.

    Attributes:
        series: The series' name, None at the root and on a shelf (`Movies/`).
        year: In the series folder's name.
        season: From a season folder, or from a series folder such as `Show S2`.
        season_name: From a season folder with a name of its own.
        specials: Whether the innermost folder holds specials.
        mark: Which kind of specials.
        in_season: Whether there is a season folder, so that the series is the folder above.
        numbered: The innermost folder in the numbered scheme, as yet only possibly a season.
        outside: With `numbered`, what the folders say if it is a season.
    """

    series: str | None = None
    year: int | None = None
    season: int | None = None
    season_name: str | None = None
    specials: bool = False
    mark: str | None = None
    in_season: bool = False
    numbered: Numbered | None = None
    outside: "Folders | None" = None


@lru_cache(maxsize=4096)
def read_folders(names: tuple[str, ...]) -> Folders:
    """Read the folders between the videos folder and a video.

    Args:
        names: From the outermost to the innermost, NFC; may be empty.
    """
    rest = list(names)
    found = Folders()
    while rest:
        name = rest[-1].strip()
        if name.casefold() in _SPECIALS:
            mark = found.mark or _SPECIALS[name.casefold()]
            found = replace(found, season=0, specials=True, mark=mark, in_season=True)
        elif season := _read_season(name):
            number, own_name = season
            if not found.specials:
                found = replace(found, season=number, season_name=own_name, specials=number == 0)
            found = replace(found, in_season=True)
        else:
            break
        rest.pop()
    if not rest or rest[-1].strip().casefold() in _SHELVES:
        return found
    return _with_series(found, rest)


def _with_series(found: Folders, rest: Sequence[str]) -> Folders:
    title, year, season = _read_series(rest[-1])
    if found.season is None:
        found = replace(found, season=season)
    found = replace(found, series=title, year=year)
    numbered = read_numbered(rest[-1])
    if numbered and numbered.name and not found.in_season:
        above = read_folders(tuple(rest[:-1]))
        outside = replace(
            above, season=numbered.number, season_name=numbered.name, specials=numbered.number == 0,
            in_season=True, numbered=None, outside=None,
        )  # fmt: skip
        found = replace(found, numbered=numbered, outside=outside)
    return found


def _read_season(name: str) -> tuple[int, str | None] | None:
    """`Season 01`, `S1 - The Name` and `第二季`: the number and the season's own name."""
    if found := _SEASON.fullmatch(name):
        return int(found[1]), found["name"]
    counted = find_season(name)
    if counted and not counted.before and counted.first.isdecimal():
        return int(counted.first), counted.after.strip(" -_:：") or None
    return None


def _read_series(name: str) -> tuple[str, int | None, int | None]:
    """A series folder's title without release tags, its year and its season."""
    spelt = name.strip()
    if re.search(r"[\[【]|\d{3,4}p\b", spelt) or (" " not in spelt and spelt.count(".") > 1):
        title = parse_release(respell(spelt).text, numbers=False).get("anime_title")
        spelt = title if isinstance(title, str) and title.strip(" -_.") else spelt
    year = season = None
    if found := _YEAR.search(spelt):
        spelt, year = spelt[: found.start()], int(found[1])
    if found := _SEASON_AT_END.search(spelt):
        spelt, season = spelt[: found.start()].rstrip(" -_."), int(found[1])
    elif (counted := find_season(spelt)) and counted.before and counted.first.isdecimal():
        spelt, season = counted.before.rstrip(" -_."), int(counted.first)
    elif (ordinal := parse_release(respell(spelt).text, numbers=False)).get("anime_season"):
        title, number = ordinal.get("anime_title"), ordinal["anime_season"]
        if isinstance(title, str) and isinstance(number, str) and number.isdecimal():
            spelt, season = title.strip(" -_."), int(number)
    return spelt or name, year, season

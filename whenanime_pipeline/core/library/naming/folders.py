"""Reads the folders above a video: series, season, specials and extras."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from whenanime_pipeline.core.library.naming.body import build_body
from whenanime_pipeline.core.library.naming.brackets import parse_id
from whenanime_pipeline.core.library.naming.codes import find_declared_number
from whenanime_pipeline.core.library.naming.labels import parse_label
from whenanime_pipeline.core.library.naming.tags import is_tag, split_words
from whenanime_pipeline.core.library.naming.titles import (
    clean_title,
    join_pieces,
    split_title,
)
from whenanime_pipeline.core.library.naming.words import (
    COLLECTION_FOLDERS,
    EXTRA_LABELS,
    FILM_FOLDERS,
    PLAIN_SPECIALS_FOLDERS,
    SEASONS_WITHOUT_NUMBER,
    TRANSPARENT_FOLDERS,
)

_SHORT_SEASON = re.compile(r"s(\d{1,4})(?:\s*[-–:_ ]\s*(?P<name>.*\S))?", re.IGNORECASE)
_LONG_SEASON = re.compile(r"(?:series|serie|série|book)[\s._-]?(\d{1,2})", re.IGNORECASE)
_DISC = re.compile(
    r"(?:disc|disk|dvd|cd|bd|blu-?ray|vol|volume|box|巻|卷|ディスク)[\s._-]*\d{0,3}(?:\s*[-–].*)?|第?\d+[巻卷]",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d{1,4})\s*[-~～]\s*(\d{1,4})\s*[话話集]?")
_SPAN_AT_END = re.compile(r"(?<=\S)[\s_-]+\d{2,4}\s?[-~～]\s?\d{2,4}$")
_NUMBERED = re.compile(r"(?P<number>\d{1,4})(?P<gap>\s*[-_.]\s*|\s+)(?P<name>.*\S)\s*")


@dataclass(frozen=True, slots=True)
class NumberedFolder:
    """A folder that begins with a number, which may be a season: `24_决战次时代`.

    Attributes:
        number: Number of the season.
        name: Name of the season; None for a bare number.
        gap: Character between both; empty for a space.
        is_padded: Whether the number has two digits or more.
    """

    number: int
    name: str | None
    gap: str
    is_padded: bool


@dataclass(frozen=True, slots=True)
class FolderNames:
    """What the folders of a video say.

    Attributes:
        series: Name of the series; None at the root and in a collection folder (`Movies/`).
        year: Year in the series folder's name.
        ids: Ids in the series folder's name, sorted.
        season: Number from a season folder, or from a series folder such as `Show S2`.
        season_name: Name from a season folder that has one.
        is_specials: Whether the innermost folder holds specials or extras.
        is_extras: Whether it holds extras: no code in a name makes an episode of them.
        label: Kind of the specials.
        has_season_folder: Whether there is a season folder, so that the series is the folder above.
        is_outermost: Whether no folder but collections is above the series.
        is_film_folder: Whether the innermost folder is a collection of films.
        numbered: Innermost folder that begins with a number, which may be a season.
        as_season: Reading of the folders in which `numbered` is a season.
    """

    series: str | None = None
    year: int | None = None
    ids: tuple[str, ...] = ()
    season: int | None = None
    season_name: str | None = None
    is_specials: bool = False
    is_extras: bool = False
    label: str | None = None
    has_season_folder: bool = False
    is_outermost: bool = False
    is_film_folder: bool = False
    numbered: NumberedFolder | None = None
    as_season: "FolderNames | None" = None


@lru_cache(maxsize=4096)
def read_folders(names: tuple[str, ...]) -> FolderNames:
    """Read the folders between the videos folder and a video.

    Args:
        names: Folder names from the outermost to the innermost, NFC; may be empty.
    """
    rest = list(names)
    folders = FolderNames()
    while rest:
        name = rest[-1].strip()
        if name.casefold() in COLLECTION_FOLDERS and not (name.casefold() == "tv" and rest[1:]):
            break
        if label := _read_specials_folder(name):
            mark = folders.label or (label if label != "-" else None)
            folders = replace(
                folders,
                season=0,
                is_specials=True,
                is_extras=folders.is_extras or label in EXTRA_LABELS,
                label=mark,
                has_season_folder=True,
            )
        elif season := read_season_folder(name):
            folders = _add_season(folders, *season)
        elif SEASONS_WITHOUT_NUMBER.fullmatch(name) and rest[1:]:
            folders = replace(folders, season_name=folders.season_name or name)
            folders = replace(folders, has_season_folder=True)
        elif not is_transparent_folder(name):
            break
        rest.pop()
    if not rest or rest[-1].strip().casefold() in COLLECTION_FOLDERS:
        return replace(
            folders, is_film_folder=bool(rest) and rest[-1].strip().casefold() in FILM_FOLDERS
        )
    return _add_series(folders, rest)


def is_transparent_folder(name: str) -> bool:
    """Whether a folder says nothing of series and season: `BDRip`, `Disc 1`, `正片`, `1080p`."""
    text = name.strip().strip("[]【】()（）").strip()
    if text.casefold() in TRANSPARENT_FOLDERS or _DISC.fullmatch(text):
        return True
    if span := _RANGE.fullmatch(text):
        return int(span[1]) < int(span[2])
    words = split_words(re.sub(r"[\[\]【】()（）]", " ", text))
    return bool(words) and all(is_tag(word) for word in words)


def read_season_folder(name: str) -> tuple[int, str | None] | None:
    """Return number and name of a season from `Season 01`, `S1 - Name`, `第二季`, `Сезон 2`."""
    if match := _LONG_SEASON.fullmatch(name):
        return int(match[1]), None
    if match := _SHORT_SEASON.fullmatch(name):
        return int(match[1]), _season_name(match["name"])
    body = build_body(name)
    text = clean_title(body.text) or ""
    if re.fullmatch(r"[^\W\d_]{0,2}", text) and body.season is not None:
        return body.season, None
    split = split_title(text)
    if split.season is None or split.title is not None:
        return None
    inner = re.search(r"\(([^()]*)\)\s*$", name)
    return split.season, split.season_name and _season_name(
        inner[1] if inner and split.season_name.startswith("(") else split.season_name
    )


def read_series_folder(name: str) -> FolderNames:
    """Read title, year, ids and season from the name of a series' folder."""
    text = name.strip()
    if own_id := parse_id(text):
        return FolderNames(ids=(own_id,))
    body = build_body(text)
    flat = body.text
    season = None
    if (code := find_declared_number(flat)) and code.rule == "code":
        season, flat = code.season, flat[: code.start]  # the folder of a scene release
    joined = _SPAN_AT_END.sub("", join_pieces(flat))
    bare = re.search(r"(?:^|\s)S(\d{1,2})(?:\s*[-–]\s*S?\d{1,2})?$", joined, re.IGNORECASE)
    split = split_title(joined, has_year=body.is_dotted and body.year is None)
    title = split.title
    if title is None and body.bracket_title:
        split = split_title(body.bracket_title)
        title = split.title
    if season is None:
        season = split.season if split.season is not None else body.season
    if bare and season is None:
        season = int(bare[1])
    return FolderNames(
        series=title or text,
        year=body.year if body.year is not None else split.year,
        ids=body.ids,
        season=season,
        season_name=split.season_name,
    )


def read_numbered_folder(name: str) -> NumberedFolder | None:
    """Return number and name of a folder that begins with a number; None for others."""
    if re.fullmatch(r"\d{1,2}", name.strip()):
        return NumberedFolder(int(name), None, "", len(name.strip()) > 1)
    match = _NUMBERED.fullmatch(name.strip())
    if not match or find_declared_number(match["gap"] + match["name"]):
        return None
    cleaned = clean_title(
        re.sub(r"(?:\s*(?:\[[^\]]*\]|【[^】]*】|\([^)]*\)))+$", "", match["name"])
    )
    if not cleaned:
        return None
    return NumberedFolder(
        int(match["number"]), cleaned, match["gap"].strip(), len(match["number"]) > 1
    )


def _add_season(folders: FolderNames, number: int, name: str | None) -> FolderNames:
    if not folders.is_specials:
        folders = replace(
            folders,
            season=number if folders.season is None else folders.season,
            season_name=folders.season_name or name,
            is_specials=number == 0,
        )
    return replace(folders, has_season_folder=True)


def _add_series(folders: FolderNames, rest: Sequence[str]) -> FolderNames:
    own = read_series_folder(rest[-1])
    folders = replace(
        folders,
        series=own.series,
        year=own.year,
        ids=own.ids,
        is_outermost=all(name.strip().casefold() in COLLECTION_FOLDERS for name in rest[:-1]),
        season=folders.season if folders.season is not None else own.season,
        season_name=folders.season_name or own.season_name,
    )
    numbered = read_numbered_folder(rest[-1])
    if numbered and not folders.has_season_folder:
        above = read_folders(tuple(rest[:-1]))
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


def _read_specials_folder(name: str) -> str | None:
    """Return the label of a folder of specials or extras, `-` for one that needs none."""
    text = re.sub(r"[\[\]【】()（）]", " ", name).strip()
    if text.casefold() in PLAIN_SPECIALS_FOLDERS:
        return "-"
    label = parse_label(text)
    return label.mark if label and label.number is None else None


def _season_name(name: str | None) -> str | None:
    return clean_title(name.strip("() ")) if name and name.strip("() ") else None

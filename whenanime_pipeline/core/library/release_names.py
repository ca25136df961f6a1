"""Parses release names like `[Group] Show - 02 (1080p)` or `Show - S01E02 - Title` by anitopy."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import anitopy

from whenanime_pipeline.core.library.release_spelling import normalise_release_name

ReleaseKind = Literal["episode", "special", "film"]

_LOCK = threading.Lock()  # anitopy keeps its state in its classes
_FILM_TYPES = frozenset({"movie", "gekijouban"})
_SPECIAL_TYPES = {
    name.casefold(): mark
    for mark, names in {
        "OVA": "OVA OAV OAD",
        "SP": "SP Special Specials",
        "NCOP": "NCOP",
        "NCED": "NCED",
        "OP": "OP Opening",
        "ED": "ED Ending",
        "PV": "PV Preview",
    }.items()
    for name in names.split()
}
# Tags of disc rips that anitopy does not know: `[Menu01]`, `[CM02]`.
_BONUS_TAG = re.compile(r"[\[【](Menu|CM|IV|Logo|Teaser|Trailer|PV|SP)[\s_]?(\d{1,3})?[\]】]", re.I)
_NUMBER = re.compile(r"(\d{1,5})(\.\d)?([a-z])?", re.IGNORECASE)
_PART = re.compile(r"\s-\s(?:cd|dis[ck]|dvd|part|pt)(\d{1,2})$", re.IGNORECASE)
_EPISODE_CODE = re.compile(r"s\d{1,3}[\s._]?e\d|\b\d{1,2}x\d{1,3}\b", re.IGNORECASE)
_FILM_WORD = re.compile(r"剧场版|劇場版|剧埸版|映画|(?<!\w)the movie(?!\w)", re.IGNORECASE)
_YEAR_AT_END = re.compile(r"(?<=\S)[\s(（\[]+((?:19|20)\d\d)[\])）]?$")
_NUMBER_BEFORE_YEAR = re.compile(r"(?<![-#])\s\d{1,3}\s*\((?:19|20)\d\d\)")


@dataclass(frozen=True, slots=True)
class ReleaseName:
    """Elements of a release name, None where absent; titles as written, with dots as spaces.

    Attributes:
        title: Title of the series or film.
        season: Season number, 0 included.
        number: Number of the first episode.
        number_end: Number of the last episode of several.
        episode_title: Title of the episode.
        kind: Episode, special or film.
        mark: Further distinction between specials: `OVA`, `NCOP`, `.5`, `part2`.
        year: Year in brackets, or at the end of an unnumbered name.
    """

    title: str | None
    season: int | None
    number: int | None
    number_end: int | None
    episode_title: str | None
    kind: ReleaseKind
    mark: str | None
    year: int | None


def parse_release_name(stem: str) -> ReleaseName:
    """Parse a file's stem as a release name.

    Args:
        stem: File name without its extension, NFC.
    """
    part = _PART.search(stem)
    if part:
        stem = stem[: part.start()]
    normalised = normalise_release_name(stem)
    elements = parse_with_anitopy(normalised.text)
    if _is_film_with_number(normalised.text, elements):
        elements = parse_with_anitopy(normalised.text, numbers=False)
    numbers = [_NUMBER.fullmatch(text) for text in _element_values(elements, "episode_number")]
    first = numbers[0] if numbers else None
    number = int(first[1]) if first else None
    last = int(numbers[-1][1]) if len(numbers) > 1 and numbers[-1] else None
    title = _first_element(elements, "anime_title")
    if title is None and number is not None:
        title = _first_element(elements, "release_group")  # `【推しの子】 - 05`
    season = _parse_int(_first_element(elements, "anime_season"))
    year = _parse_int(_first_element(elements, "anime_year"))
    kind, mark, title = _classify_kind(stem, title, season, _element_values(elements, "anime_type"))
    if bonus := _BONUS_TAG.search(stem):
        kind = "special"
        mark = bonus[1] if bonus[1].islower() else bonus[1][:1].upper() + bonus[1][1:]
        number = int(bonus[2]) if bonus[2] else number
    if number is None and title and not year and (ended := _YEAR_AT_END.search(title)):
        title, year = title[: ended.start()], int(ended[1])
    suffix = ((first[2] or "") + (first[3] or "")) if first else ""
    if first and first[2] and kind == "episode":
        kind = "special"  # 12.5 is a recap between two episodes
    marks = "".join(filter(None, [mark, suffix, f"part{int(part[1])}" if part else None]))
    return ReleaseName(
        title=title,
        season=season,
        number=number,
        number_end=last if last != number else None,
        episode_title=normalised.title or _episode_title(elements),
        kind=kind,
        mark=marks or None,
        year=year,
    )


def parse_with_anitopy(text: str, *, numbers: bool = True) -> Mapping[str, str | list[str]]:
    """Return the elements that anitopy finds in a normalised name.

    Args:
        text: Text from `normalise_release_name`; on a trailing dash anitopy would never return.
        numbers: Whether to parse an episode number.

    Returns:
        Element name to text, or to a list of several texts; empty where nothing was found.
    """
    options = {"parse_file_extension": False, "parse_episode_number": numbers}
    with _LOCK:
        try:
            elements = anitopy.parse(text, options=options)
        except (AttributeError, IndexError, TypeError, ValueError):
            elements = None  # anitopy fails on unbalanced brackets
    return elements or {}


def _element_values(elements: Mapping[str, str | list[str]], element: str) -> list[str]:
    value = elements.get(element, [])
    return [value] if isinstance(value, str) else value


def _first_element(elements: Mapping[str, str | list[str]], element: str) -> str | None:
    values = _element_values(elements, element)
    return (values[0].strip(" -_,") or None) if values else None


def _parse_int(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 6 else None


def _is_film_with_number(text: str, elements: Mapping[str, str | list[str]]) -> bool:
    """Whether the number is part of a film's title: `Toy Story 3 (2010)`."""
    return bool(
        "anime_year" in elements
        and "episode_number" in elements
        and not _EPISODE_CODE.search(text)
        and _NUMBER_BEFORE_YEAR.search(text)
    )


def _classify_kind(
    stem: str, title: str | None, season: int | None, types: list[str]
) -> tuple[ReleaseKind, str | None, str | None]:
    """Return the kind, the mark of a special, and the title without the word for its kind."""
    if season == 0:
        return "special", None, title
    if _EPISODE_CODE.search(stem):
        return "episode", None, title
    for word in types:
        lower = word.casefold()
        inside = title is not None and lower in title.casefold()
        at_end = title is not None and title.casefold().endswith(lower)
        if lower in _FILM_TYPES:
            return "film", None, title
        if lower in _SPECIAL_TYPES and (at_end or not inside):
            shorter = title[: -len(word)].rstrip(" -_") if title and at_end else title
            return "special", _SPECIAL_TYPES[lower], shorter or None
    if _FILM_WORD.search(stem):
        return "film", None, title
    return "episode", None, title


def _episode_title(elements: Mapping[str, str | list[str]]) -> str | None:
    title = _first_element(elements, "episode_title")
    return None if title and title.casefold() in {"end", "fin", "final"} else title

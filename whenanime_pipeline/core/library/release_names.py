"""Release names, `[Group] Show - 02 (1080p) [HASH]` and `Show - S01E02 - Title`, by anitopy."""

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
# What disc rips put in brackets and anitopy has no word for: `[Menu01]`, `[CM02]`.
_BONUS_TAG = re.compile(r"[\[【](Menu|CM|IV|Logo|Teaser|Trailer|PV|SP)[\s_]?(\d{1,3})?[\]】]", re.I)
_NUMBER = re.compile(r"(\d{1,5})(\.\d)?([a-z])?", re.IGNORECASE)
_PART = re.compile(r"\s-\s(?:cd|dis[ck]|dvd|part|pt)(\d{1,2})$", re.IGNORECASE)
_EPISODE_CODE = re.compile(r"s\d{1,3}[\s._]?e\d|\b\d{1,2}x\d{1,3}\b", re.IGNORECASE)
_FILM_WORD = re.compile(r"剧场版|劇場版|剧埸版|映画|(?<!\w)the movie(?!\w)", re.IGNORECASE)
_YEAR_AT_END = re.compile(r"(?<=\S)[\s(（\[]+((?:19|20)\d\d)[\])）]?$")
_NUMBER_BEFORE_YEAR = re.compile(r"(?<![-#])\s\d{1,3}\s*\((?:19|20)\d\d\)")


@dataclass(frozen=True, slots=True)
class ReleaseName:
    """What a release name says. Empty text is None; titles are as written, dots as spaces.

    Attributes:
        title: Of the series or film.
        season: As given, 0 included.
        number: The first episode.
        number_end: The last episode of several.
        episode_title: The episode's own.
        kind: Episode, special or film.
        mark: What else tells specials apart: `OVA`, `NCOP`, `.5`, `part2`.
        year: In brackets, or at the end of an unnumbered name.
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
    """Read a file's stem as a release name; what nothing tells stays None.

    Args:
        stem: A file's name without its extension, NFC.
    """
    part = _PART.search(stem)
    if part:
        stem = stem[: part.start()]
    spelt = normalise_release_name(stem)
    found = parse_with_anitopy(spelt.text)
    if _is_film_with_number(spelt.text, found):
        found = parse_with_anitopy(spelt.text, numbers=False)
    numbers = [_NUMBER.fullmatch(text) for text in _element_values(found, "episode_number")]
    first = numbers[0] if numbers else None
    number = int(first[1]) if first else None
    last = int(numbers[-1][1]) if len(numbers) > 1 and numbers[-1] else None
    title = _first_element(found, "anime_title")
    if title is None and number is not None:
        title = _first_element(found, "release_group")  # `【推しの子】 - 05`
    season = _parse_int(_first_element(found, "anime_season"))
    year = _parse_int(_first_element(found, "anime_year"))
    form, mark, title = _classify_kind(stem, title, season, _element_values(found, "anime_type"))
    if bonus := _BONUS_TAG.search(stem):
        form, mark = (
            "special",
            bonus[1] if bonus[1].islower() else bonus[1][:1].upper() + bonus[1][1:],
        )
        number = int(bonus[2]) if bonus[2] else number
    if number is None and title and not year and (ended := _YEAR_AT_END.search(title)):
        title, year = title[: ended.start()], int(ended[1])
    suffix = ((first[2] or "") + (first[3] or "")) if first else ""
    if first and first[2] and form == "episode":
        form = "special"  # 12.5 is a recap between two episodes
    marks = "".join(filter(None, [mark, suffix, f"part{int(part[1])}" if part else None]))
    return ReleaseName(
        title=title,
        season=season,
        number=number,
        number_end=last if last != number else None,
        episode_title=spelt.title or _episode_title(found),
        kind=form,
        mark=marks or None,
        year=year,
    )


def parse_with_anitopy(text: str, *, numbers: bool = True) -> Mapping[str, str | list[str]]:
    """Anitopy's elements of a respelt name.

    Args:
        text: From `respell`: a dangling dash would never come back.
        numbers: Whether to look for an episode's number.

    Returns:
        Element name to text, or to texts where it has several; empty where nothing was found.
    """
    options = {"parse_file_extension": False, "parse_episode_number": numbers}
    with _LOCK:
        try:
            found = anitopy.parse(text, options=options)
        except (AttributeError, IndexError, TypeError, ValueError):
            found = None  # it stumbles over unbalanced brackets: nothing was found
    return found or {}


def _element_values(found: Mapping[str, str | list[str]], element: str) -> list[str]:
    value = found.get(element, [])
    return [value] if isinstance(value, str) else value


def _first_element(found: Mapping[str, str | list[str]], element: str) -> str | None:
    values = _element_values(found, element)
    return (values[0].strip(" -_,") or None) if values else None


def _parse_int(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 6 else None


def _is_film_with_number(text: str, found: Mapping[str, str | list[str]]) -> bool:
    """Whether the number is the film's own: `Toy Story 3 (2010)`."""
    return bool(
        "anime_year" in found
        and "episode_number" in found
        and not _EPISODE_CODE.search(text)
        and _NUMBER_BEFORE_YEAR.search(text)
    )


def _classify_kind(
    stem: str, title: str | None, season: int | None, types: list[str]
) -> tuple[ReleaseKind, str | None, str | None]:
    """Episode, special or film; the special's mark; the title without the word that said so."""
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


def _episode_title(found: Mapping[str, str | list[str]]) -> str | None:
    title = _first_element(found, "episode_title")
    return None if title and title.casefold() in {"end", "fin", "final"} else title

"""Reads texts, numbers and ids out of the elements of NFO files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING
from unicodedata import category

from whenanime_pipeline.core.library.episode import SeriesInfo

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_TITLE_LENGTH = 300
"""Maximum characters of a text; an untrusted file may fill one at will."""

_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_DATE = re.compile(r"((?:1[89]|20)\d\d)[-./](\d\d?)[-./](\d\d?)(?!\d)")
_ID = re.compile(r"\s*(?:[a-z]+\d?[-:/])?([0-9]{1,9})\s*", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\w{1,8}|\w{1,40});")
# Joiners, which belong to letters and pictures; all other invisible characters are removed.
_JOINERS = "\u200c\u200d"
_REPLACEMENT = "\ufffd"
_SPELLINGS = {
    "anilist": ("anilist", "anilistid", "anilistco"),
    "mal": ("mal", "malid", "myanimelist", "myanimelistid"),
    "anidb": ("anidb", "anidbid", "anidbnet"),
    "tvdb": ("tvdb", "tvdbid", "thetvdb", "thetvdbid"),
    "tmdb": ("tmdb", "tmdbid", "themoviedb", "themoviedbid"),
}
SITES = tuple(_SPELLINGS)
"""Sites whose ids are read; fields of `SeriesInfo`."""
_URLS = {
    "anilist": re.compile(r"anilist\.co/anime/(\d+)"),
    "mal": re.compile(r"myanimelist\.net/anime/(\d+)"),
    "anidb": re.compile(r"anidb\.net/(?:anime/|a)(\d+)"),
    "tvdb": re.compile(r"thetvdb\.com/\S{0,200}?\bid=(\d+)"),
    "tmdb": re.compile(r"themoviedb\.org/(?:tv|movie)/(\d+)"),
}


def clean_text(text: str, limit: int = MAX_TITLE_LENGTH) -> str:
    """Return text on one line without invisible characters, which can reverse a page's text.

    Args:
        text: Text of an element; entities that were escaped twice are read.
        limit: Maximum number of characters.

    Returns:
        Text; empty where a part of it could not be decoded.
    """
    if _REPLACEMENT in text:
        return ""
    if _ENTITY.search(text):
        text = unescape(text)
    visible = "".join(char for char in text if category(char) != "Cf" or char in _JOINERS)
    return " ".join(visible.split())[:limit].strip(f" {_JOINERS}")


def find_text(root: "Element", *tags: str) -> str | None:
    """Return the first text of the children with some tags, the first tag first; None without."""
    return next(iterate_texts(root, *tags), None)


def iterate_texts(root: "Element", *tags: str, limit: int = MAX_TITLE_LENGTH) -> Iterator[str]:
    """Yield the texts of the children with some tags; empty ones are left out."""
    for tag in tags:
        for child in root.iterfind(tag):
            if text := clean_text(child.text or "", limit):
                yield text


def find_number(root: "Element", *tags: str) -> int | None:
    """Return the first child's number, from 0 to 999,999; None without."""
    for text in iterate_texts(root, *tags):
        if re.fullmatch(r"[0-9]{1,6}", text):
            return int(text)
    return None


def find_year(root: "Element") -> int | None:
    """Return the year of first release; None where it is unknown."""
    for tag in ("year", "premiered", "releasedate", "aired"):
        match = _YEAR.match(find_text(root, tag) or "")
        if match:
            return int(match[0])
    return None


def find_date(root: "Element", *tags: str) -> str | None:
    """Return the first child's date as `2023-09-29`; None without."""
    for text in iterate_texts(root, *tags):
        match = _DATE.match(text)
        if match and 1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31:
            return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"
    return None


def find_ids(root: "Element") -> dict[str, int]:
    """Return the ids on AniList, MyAnimeList, AniDB, TheTVDB and TheMovieDB.

    `<uniqueid type="anilist">`, `<anilistid>` and `<id anilist="…">` are read, in this order.
    """
    values: dict[str, str] = {}
    for child in root:
        if child.tag == "id":
            values |= {_normalize_key(name): value for name, value in child.attrib.items()}
    for child in root:
        if isinstance(child.tag, str) and child.text and not len(child):
            values[_normalize_key(child.tag)] = child.text
    for child in root.iterfind("uniqueid"):
        values[_normalize_key(child.get("type") or "")] = child.text or ""
    found = {
        field: next(filter(None, (_parse_id(values.get(word, "")) for word in words)), None)
        for field, words in _SPELLINGS.items()
    }
    return {field: number for field, number in found.items() if number}


def set_ids(info: SeriesInfo, ids: Mapping[str, int]) -> SeriesInfo:
    """Return metadata with other ids; those that are not given become None."""
    return replace(
        info,
        anilist=ids.get("anilist"),
        mal=ids.get("mal"),
        anidb=ids.get("anidb"),
        tvdb=ids.get("tvdb"),
        tmdb=ids.get("tmdb"),
    )


def find_linked_ids(text: str) -> dict[str, int]:
    """Return the ids in the addresses that a text holds."""
    return {
        field: int(match[1][:9])
        for field, pattern in _URLS.items()
        if (match := pattern.search(text))
    }


def _normalize_key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _parse_id(text: str) -> int | None:
    match = _ID.fullmatch(text)
    return int(match[1]) if match else None

"""Parses NFO files of Kodi and Jellyfin, which are untrusted input."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import category

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as SafeXml

from whenanime_pipeline.core.library.episode import Character, SeriesInfo
from whenanime_pipeline.core.library.errors import LibraryError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_NFO_BYTES = 2 * 1024 * 1024
"""Maximum size of an NFO file; one with every actor of a long series has about 100 kB."""

MAX_CHARACTERS = 24
"""Maximum characters of a series: they are stored per episode, and a long series has hundreds."""
_MAX_NAME_LENGTH = 100
"""Maximum length of a name in characters, which an untrusted file may fill at will."""

_ROOT_ELEMENT = re.compile(
    r"<(?P<root>tvshow|movie)(?:\s[^>]*)?>.*?</(?P=root)\s*>", re.DOTALL | re.I
)
_OTHER_ROOT = re.compile(r"<(?:episodedetails|musicvideo|artist|album|season)[\s>]", re.IGNORECASE)
_DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_NOT_LATIN = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
_VOICE_SUFFIX = re.compile(
    r"(?:\s*[(\[\uff08](?:voice|uncredited|credit only|声|配音)[^)\]\uff09]*[)\]\uff09])+\s*$",
    re.IGNORECASE,
)
_IDS = {
    "anilist": ("anilist", "anilistid"),
    "mal": ("mal", "myanimelist", "malid", "myanimelistid"),
    "anidb": ("anidb", "anidbid"),
    "tvdb": ("tvdb", "thetvdb", "tvdbid"),
    "tmdb": ("tmdb", "themoviedb", "tmdbid"),
}
_URLS = {
    "anilist": re.compile(r"anilist\.co/anime/(\d+)"),
    "mal": re.compile(r"myanimelist\.net/anime/(\d+)"),
    "anidb": re.compile(r"anidb\.net/(?:anime/|a)(\d+)"),
    "tvdb": re.compile(r"thetvdb\.com/\S*?\bid=(\d+)"),
    "tmdb": re.compile(r"themoviedb\.org/(?:tv|movie)/(\d+)"),
}


class NfoError(LibraryError):
    """An NFO file cannot be used; the library works without it."""


def read_nfo(path: Path, *, title: str) -> SeriesInfo | None:
    """Read a series' or film's NFO file.

    Args:
        path: `tvshow.nfo`, `movie.nfo` or a film's own.
        title: Name of the series from the path, for a file that holds ids only.

    Returns:
        Metadata; None for other content, such as an episode's NFO or a release group's notes.

    Raises:
        NfoError: The file cannot be read or is broken.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_NFO_BYTES + 1)
    except OSError as error:
        raise NfoError(path, f"cannot be read ({error.strerror or error})") from error
    if len(data) > MAX_NFO_BYTES:
        raise NfoError(path, f"is larger than {MAX_NFO_BYTES // 1024**2} MiB and was not read")
    try:
        return parse_nfo(data, title=title)
    except ValueError as error:
        raise NfoError(path, f"{error}; it was not used") from error


def parse_nfo(data: bytes, *, title: str) -> SeriesInfo | None:
    """Parse the content of an NFO file; text outside the XML may hold links.

    Args:
        data: Content of the file: XML, XML and a link, or a link alone.
        title: Title to use where the file holds none.

    Returns:
        Metadata; None when the file holds neither a series nor a film nor a known link.

    Raises:
        ValueError: Not well-formed, with a document type, or in an unknown encoding.
    """
    text = _decode(data)
    element = _ROOT_ELEMENT.search(text)
    if element is None:
        if re.search(r"<(?:tvshow|movie)[\s>]", text, re.IGNORECASE):
            raise ValueError("is broken XML (its last tag is missing)")
        ids = {} if _OTHER_ROOT.search(text) else _find_linked_ids(text)
        return _with_ids(SeriesInfo(title), ids) if ids else None
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise ValueError("declares a document type, which is refused")
    try:
        root = SafeXml.fromstring(element[0], forbid_dtd=True)
    except (SafeXml.ParseError, DefusedXmlException) as error:
        raise ValueError(f"is broken XML ({error})") from error
    outside = text[: element.start()] + text[element.end() :]
    return _parse_info(root, title, _find_linked_ids(outside))


def _decode(data: bytes) -> str:
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        declared = _DECLARED_ENCODING.search(data[:512])
        return data.decode(declared[1].decode() if declared else "utf-8-sig").lstrip("\ufeff")
    except (UnicodeDecodeError, LookupError) as error:
        raise ValueError(f"is not text in the encoding that it should have ({error})") from error


def _parse_info(root: "Element", fallback: str, linked: dict[str, int]) -> SeriesInfo:
    title = _find_text(root, "title") or fallback
    original = _find_text(root, "originaltitle")
    sort = _find_text(root, "sorttitle")
    native = next((text for text in (original, title) if text and _NOT_LATIN.search(text)), None)
    romaji = _find_text(root, "romaji", "romajititle")
    if romaji is None and original and not _NOT_LATIN.search(original):
        romaji = original
    elif romaji is None and sort and native and sort != title and not _NOT_LATIN.search(sort):
        romaji = sort
    english = _find_text(root, "english", "englishtitle")
    info = SeriesInfo(
        title,
        native=native,
        romaji=romaji,
        english=english,
        year=_find_year(root),
        characters=_characters(root),
    )
    return _with_ids(info, linked | _find_ids(root))


def _with_ids(info: SeriesInfo, ids: dict[str, int]) -> SeriesInfo:
    return replace(
        info,
        anilist=ids.get("anilist"),
        mal=ids.get("mal"),
        anidb=ids.get("anidb"),
        tvdb=ids.get("tvdb"),
        tmdb=ids.get("tmdb"),
    )


def _characters(root: "Element") -> tuple[Character, ...]:
    """Return the roles of all actors in the NFO's order.

    Scrapers write a role as `Frieren`, `Frieren (voice)`, or several separated by ` / `.
    """
    characters: dict[str, Character] = {}
    actors = sorted(root.iterfind("actor"), key=_actor_order)
    for actor in actors:
        voice = _clean_name(_find_text(actor, "name") or "") or None
        for role in (_find_text(actor, "role") or "").split(" / "):
            name = _VOICE_SUFFIX.sub("", _clean_name(role))
            if name and name.casefold() not in characters:
                characters[name.casefold()] = Character(name, voice)
    return tuple(characters.values())[:MAX_CHARACTERS]


def _clean_name(text: str) -> str:
    """Return a name without invisible format characters, which can reverse a page's text."""
    visible = "".join(char for char in text if category(char) != "Cf")
    return " ".join(visible.split())[:_MAX_NAME_LENGTH]


def _actor_order(actor: "Element") -> int:
    """Return the sort order of an actor; those without one come last, in file order."""
    order = _find_text(actor, "order", "sortorder") or ""
    return int(order) if order.isdecimal() and len(order) < 10 else 10**10


def _find_text(root: "Element", *tags: str) -> str | None:
    for tag in tags:
        text = " ".join((root.findtext(tag) or "").split())
        if text:
            return text
    return None


def _find_year(root: "Element") -> int | None:
    for tag in ("year", "premiered", "releasedate", "aired"):
        match = _YEAR.match(_find_text(root, tag) or "")
        if match:
            return int(match[0])
    return None


def _find_ids(root: "Element") -> dict[str, int]:
    ids = {(item.get("type") or "").lower(): item.text or "" for item in root.iter("uniqueid")}
    ids = {child.tag.lower(): child.text or "" for child in root} | ids
    return {
        field: number
        for field, spellings in _IDS.items()
        for number in [
            next(filter(None, (_parse_id(ids.get(word, "")) for word in spellings)), None)
        ]
        if number
    }


def _parse_id(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _find_linked_ids(text: str) -> dict[str, int]:
    return {
        field: int(match[1][:9])
        for field, pattern in _URLS.items()
        if (match := pattern.search(text))
    }

"""Parses NFO files of Kodi, Jellyfin, Emby and others, which are untrusted input."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from whenanime_pipeline.core.library.episode import Character, EpisodeInfo, SeriesInfo
from whenanime_pipeline.core.library.nfo.fields import (
    clean_text,
    find_date,
    find_ids,
    find_linked_ids,
    find_number,
    find_text,
    find_year,
    set_ids,
)
from whenanime_pipeline.core.library.nfo.people import find_characters
from whenanime_pipeline.core.library.nfo.tags import find_genres, find_tags
from whenanime_pipeline.core.library.nfo.text import decode_nfo
from whenanime_pipeline.core.library.nfo.titles import (
    find_titles,
    is_generic_episode,
    is_generic_season,
)
from whenanime_pipeline.core.library.nfo.xml import RefusedXmlError, parse_document

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_NFO_BYTES = 2 * 1024 * 1024
"""Maximum size of an NFO file; one with every actor of a long series has about 100 kB."""
MAX_EPISODES = 32
"""Maximum episodes of one video that an NFO file describes."""
_MAX_SEASONS = 400
_CACHED_FILES = 32768


@dataclass(frozen=True, slots=True)
class SeasonInfo:
    """Metadata of a season from its NFO file.

    Attributes:
        number: Number of the season; None where the file does not say.
        name: Name that says more than the number.
        ids: Site (`anilist`, `mal`, `anidb`, `tvdb`, `tmdb`) to the season's id there.
        genres, tags, characters: As for a series.
    """

    number: int | None = None
    name: str | None = None
    ids: Mapping[str, int] = field(default_factory=dict)
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    characters: tuple[Character, ...] = ()


@dataclass(frozen=True, slots=True)
class Nfo:
    """Content of an NFO file.

    Attributes:
        series: Metadata of a series or film; None in other files.
        is_film: Whether it is a film's.
        season_names: Number of a season to its name, in a series' file.
        season: Metadata of a season; None in other files.
        episodes: Metadata of episodes, in order; empty in other files.
        warnings: What is wrong with the file; the rest of it is used.
    """

    series: SeriesInfo | None = None
    is_film: bool = False
    season_names: Mapping[int, str] = field(default_factory=dict)
    season: SeasonInfo | None = None
    episodes: tuple[EpisodeInfo, ...] = ()
    warnings: tuple[str, ...] = ()


def read_nfo(path: Path, *, title: str) -> Nfo:
    """Read an NFO file; one that has not changed since the last call is not read again.

    Args:
        path: NFO file.
        title: Name of the series from the path, for a file that holds ids only.

    Returns:
        Content. A file that cannot be read, is too large or declares a document type is empty but
        for a warning.
    """
    try:
        status = path.stat()
        # Text is hashed and compared faster than a path.
        return _read_cached(str(path), title, status.st_size, status.st_mtime_ns)
    except OSError as error:
        return Nfo(warnings=(f"cannot be read ({error.strerror or error})",))


@lru_cache(maxsize=_CACHED_FILES)  # a watched folder is scanned again and again
def _read_cached(path: str, title: str, size: int, mtime_ns: int) -> Nfo:  # noqa: ARG001
    with Path(path).open("rb") as file:
        data = file.read(MAX_NFO_BYTES + 1)
    if len(data) > MAX_NFO_BYTES:
        reason = f"is larger than {MAX_NFO_BYTES // 1024**2} MiB and was not read"
        return Nfo(warnings=(reason,))
    return parse_nfo(data, title=title)


def parse_nfo(data: bytes, *, title: str) -> Nfo:
    """Parse the content of an NFO file; text outside the XML may hold links.

    Args:
        data: Content of the file: XML, XML and a link, or a link alone.
        title: Title to use where the file holds none.
    """
    text, problem = decode_nfo(data)
    try:
        document = parse_document(text)
    except RefusedXmlError as error:
        return Nfo(warnings=(f"{error}; it was not used",))
    elements = document.roots
    warnings = tuple(filter(None, (problem if elements else None, document.warning)))
    linked = find_linked_ids(document.outside)
    first = next((one for one in elements if one.tag in {"tvshow", "movie"}), None)
    if first is not None:
        return Nfo(
            series=_parse_series(first, title, linked),
            is_film=first.tag == "movie",
            season_names=_parse_season_names(first),
            warnings=warnings,
        )
    if not elements:
        return Nfo(series=set_ids(SeriesInfo(title), linked) if linked else None)
    seasons = [one for one in elements if one.tag == "season"]
    episodes = [one for one in elements if one.tag == "episodedetails"]
    return Nfo(
        season=_parse_season(seasons[0]) if seasons else None,
        episodes=tuple(_parse_episode(one) for one in episodes[:MAX_EPISODES]),
        warnings=warnings,
    )


def _parse_series(root: "Element", fallback: str, linked: Mapping[str, int]) -> SeriesInfo:
    titles = find_titles(root)
    info = SeriesInfo(
        titles.display or fallback,
        native=titles.native,
        romaji=titles.romaji,
        english=titles.english,
        year=find_year(root),
        characters=find_characters(root),
        synonyms=titles.synonyms,
        genres=find_genres(root),
        tags=find_tags(root),
    )
    return set_ids(info, {**linked, **find_ids(root)})


def _parse_season_names(root: "Element") -> dict[int, str]:
    """Return the names in `<namedseason number="2">`, or `<seasondetails>` of newer Kodi."""
    names: dict[int, str] = {}
    for child in [*root.iterfind("namedseason"), *root.iterfind("seasondetails")][:_MAX_SEASONS]:
        number = child.get("number", "").strip()
        name = _name_season(find_text(child, "name") or clean_text(child.text or ""))
        if name and number.isascii() and number.isdecimal() and len(number) <= 4:
            names.setdefault(int(number), name)
    return names


def _parse_season(root: "Element") -> SeasonInfo:
    return SeasonInfo(
        number=find_number(root, "seasonnumber", "season"),
        name=_name_season(find_text(root, "title", "name") or ""),
        ids=find_ids(root),
        genres=find_genres(root),
        tags=find_tags(root),
        characters=find_characters(root),
    )


def _name_season(name: str) -> str | None:
    return None if not name or is_generic_season(name) else name


def _parse_episode(root: "Element") -> EpisodeInfo:
    title = find_text(root, "title") or find_text(root, "originaltitle")
    return EpisodeInfo(
        title=None if title is None or is_generic_episode(title) else title,
        season=find_number(root, "season"),
        number=find_number(root, "episode"),
        aired=find_date(root, "aired", "premiered", "releasedate"),
        characters=find_characters(root),
        genres=find_genres(root),
        tags=find_tags(root),
    )

"""Assigns the titles of an NFO file to languages, and recognises names that name nothing."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whenanime_pipeline.core.library.nfo.fields import find_text, iterate_texts

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_SYNONYMS = 24
"""Maximum alternative titles of a series: they are stored per episode."""

_NOT_LATIN = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
_LATIN = re.compile(r"[A-Za-z]")
_SYNONYM_TAGS = (
    "alternatetitle",
    "alternativetitle",
    "alternatetitles/title",
    "alternatetitles/alternatetitle",
    "alternativetitles/title",
    "aka",
    "alias",
    "synonym",
    "synonyms/synonym",
    "localtitle",
    "showtitle",
)
_NUMBER = (
    r"(?:[0-9]{1,4}|[ivx]{1,4}|[一二三四五六七八九十]{1,3}|one|two|three|four|five|six|seven|eight)"
)
_SEASON_WORD = (
    r"(?:season|series|cour|part|staffel|saison|temporada|stagione|seizoen|sezon|sezonul|säsong"
    r"|sesong|sæson|kausi|évad|сезон|часть|シーズン|シリーズ|시즌|musim|mùa|ฤดูกาล|sezona|série|σεζόν)"
)
_GENERIC_SEASON = re.compile(
    rf"(?:{_SEASON_WORD}[\s._-]*{_NUMBER}|{_NUMBER}(?:st|nd|rd|th|\.|-й|ª|º|e|er)?[\s._-]*{_SEASON_WORD}"
    rf"|s?[\s._-]*[0-9]{{1,4}}|第?\s*{_NUMBER}\s*(?:季|期|部|シーズン|シリーズ|クール)|제?\s*[0-9]+\s*기"
    r"|(?:tv\s*)?specials?|season[\s._-]*(?:specials?|unknown)|unknown[\s._-]*season|extras?|ovas?"
    r"|spéciaux|épisodes spéciaux|especiales|speciali?|specjalne|спец(?:вы|э)\w+"
    r"|特别篇|特別篇|特別編|特典|番外|番外篇|番外編|スペシャル|특별편|스페셜)"
    r"(?:\s*[(（](?:19|20)[0-9]{2}[)）])?",
    re.IGNORECASE,
)
_EPISODE_WORD = (
    r"(?:episode|épisode|episodio|episódio|folge|capítulo|capitulo|odcinek|aflevering|avsnitt|jakso"
    r"|bölüm|серия|эпизод|ep|e|tập|エピソード|에피소드)"
)
_GENERIC_EPISODE = re.compile(
    rf"(?:{_EPISODE_WORD}\.?\s*[#№]?\s*[0-9]+(?:[.x][0-9]+)?|[0-9]+\.?\s*{_EPISODE_WORD}"
    r"|第?\s*[0-9一二三四五六七八九十百]+\s*(?:話|话|回|集)|제?\s*[0-9]+\s*화|#?[0-9]+|s[0-9]+e[0-9]+"
    r"|tb[ad]|n/?a|unknown|untitled|(?:title\s*)?(?:to be (?:announced|determined)))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Titles:
    """Titles of a series or film.

    Attributes:
        display: Title to display; None where the file has none.
        native: Title in the original script.
        romaji: Original title in Latin letters.
        english: English title, where the file marks it as such.
        synonyms: Other titles.
    """

    display: str | None
    native: str | None
    romaji: str | None
    english: str | None
    synonyms: tuple[str, ...]


def find_titles(root: "Element") -> Titles:
    """Return the titles of a series or film.

    The original title is the native one, or romaji where it is in Latin letters. The sort title is
    romaji where another script is the native one, unless it is the title sorted otherwise:
    `Promised Neverland, The`.
    """
    title = find_text(root, "title", "name", "localtitle")
    original = find_text(root, "originaltitle", "originalname")
    sort = find_text(root, "sorttitle", "sortname")
    native = next((text for text in (original, title) if text and _NOT_LATIN.search(text)), None)
    romaji = find_text(root, "romaji", "romajititle")
    if romaji is None and original and not _NOT_LATIN.search(original):
        romaji = original
    elif romaji is None and sort and native and _is_romaji(sort, title):
        romaji = sort
    english = find_text(root, "english", "englishtitle")
    taken = {one.casefold() for one in (title, native, romaji, english) if one}
    others = {text.casefold(): text for text in iterate_texts(root, *_SYNONYM_TAGS)}
    synonyms = [text for folded, text in others.items() if folded not in taken]
    return Titles(title, native, romaji, english, tuple(synonyms[:MAX_SYNONYMS]))


def is_generic_season(name: str) -> bool:
    """Whether a season's name says no more than its number: `Season 2`, `第 2 季`, `Specials`."""
    return _GENERIC_SEASON.fullmatch(name.strip()) is not None


def is_generic_episode(title: str) -> bool:
    """Whether an episode's title says no more than its number: `Episode 5`, `第5話`, `TBA`."""
    return _GENERIC_EPISODE.fullmatch(title.strip()) is not None


def _is_romaji(sort: str, title: str | None) -> bool:
    """Whether a sort title is a title of its own in Latin letters."""
    if _NOT_LATIN.search(sort) or not _LATIN.search(sort):
        return False
    return title is None or _normalize_sorting(sort) != _normalize_sorting(title)


def _normalize_sorting(title: str) -> str:
    """Return a title without what sorting moves, adds or removes."""
    title = title.casefold()
    title = re.sub(
        r"^(?:the|an?|der|die|das|les?|la|el)\s+|,\s*(?:the|an?|der|die|das|les?|la|el)$", "", title
    )
    title = re.sub(r"[\s:._-]*(?:season\s*)?[0-9]{1,4}$", "", title)
    return "".join(char for char in title if char.isalnum())

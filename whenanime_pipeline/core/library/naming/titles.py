"""Cleans titles, and takes season, year and release tags off them."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from whenanime_pipeline.core.library.naming.numerals import CJK_NUMBER, parse_number
from whenanime_pipeline.core.library.naming.tags import find_tag_tail
from whenanime_pipeline.core.library.naming.words import (
    NUMBER_WORDS,
    SEASON_AFTER,
    SEASON_BEFORE,
    join_words,
)

_EDGES = " \t-–—_,:：|·~/"  # a full stop may belong to the title
_N = rf"(?P<n>\d{{1,4}}|{CJK_NUMBER})"
_ORDINAL = join_words(word for word, number in NUMBER_WORDS.items() if number)
_PART = (
    r"(?P<rest>[\s._,:：-]+(?:part|cour|partie|teil|parte|часть)[\s._]?(?:\d{1,2}|i{1,3})"
    r"|\s*第?[\d一二三]部分?|)"
)
_FOLDERS_ONLY = frozenset({"series", "serie", "série"})  # in a title, words of it
_LATIN_BEFORE = join_words(
    word for word in SEASON_BEFORE if word not in _FOLDERS_ONLY | {"tv", "тв"}
)
_LATIN_AFTER = join_words(word for word in SEASON_AFTER if len(word) > 1)
_HEAD, _REST = r"(?P<before>.*?)", r"(?P<rest>(?:\W.*)?)"
_AFTER = rf"(?:{_LATIN_AFTER})(?!\w){_REST}"
_WORD = rf"{_HEAD}(?<![^\W\d_])(?:{_LATIN_BEFORE})"
_ORDINAL_MARK = r"(?:st|nd|rd|th|\.|-?[йяa]{1,2})?"
_SEASON_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_WORD}[\s._:-]*{_N}{_REST}",  # `Season 2`, `シーズン2`
        rf"{_WORD}[\s._:-]+(?P<n>{_ORDINAL})(?!\w){_REST}",  # `Season Two`
        r"(?P<before>)s(?P<n>\d{1,2})(?P<rest>)",
        rf"{_HEAD}(?<!\w)(?:tv|тв)-(?P<n>\d{{1,2}}){_REST}",
        rf"{_HEAD}[\s._-]+s(?P<n>\d{{1,2}}){_PART}",
        rf"{_HEAD}[\s._-]*(?<!\d)(?P<n>\d{{1,2}}){_ORDINAL_MARK}[\s._-]*{_AFTER}",
        rf"{_HEAD}[\s._-]*\b(?P<n>{_ORDINAL})[\s._-]+{_AFTER}",
        rf"{_HEAD}\s*第\s*{_N}\s*[季期部](?!分|作)(?P<rest>.*)",
        rf"{_HEAD}\s*(?<![\d第])(?P<n>\d{{1,2}})\s?[季期기](?!\w)(?P<rest>.*)",
    )
]
# `86-不存在的战区-`, `A.I.C.O. -Incarnation-`, `~Shinsengumi Kitan~`
_PAIRED_EDGE = re.compile(
    r"(?:(?:^|\s)(?P<a>[-~])\S[^-~]*(?P=a)|(?P<b>[-~])[^\x00-\x7f][^-~]*(?P=b))(?:\s+[-–~:|·/]+)?$"
)
_SEASON_WORD_AT_END = re.compile(rf"(?:{_LATIN_BEFORE})$", re.IGNORECASE)
_YEAR_AT_END = re.compile(r"(?<=\S)[\s._]+\(?((?:19[3-9]|20[0-2])\d)\)?$")


@dataclass(frozen=True, slots=True)
class SeriesTitle:
    """A title and what stood with it.

    Attributes:
        title: Title of the series; None where the text holds none.
        season: Number of the season.
        season_name: What follows the season's number: `Part 2`.
        year: Year at the end.
    """

    title: str | None
    season: int | None = None
    season_name: str | None = None
    year: int | None = None


def unify_separators(text: str) -> str:
    """Return a text with spaces for the dots and underscores that stand for them.

    Underscores stand for spaces where there are none; so do dots, where there are two or more and
    neither spaces nor underscores. A number with one decimal at the start, and a run of single
    letters, keep their dots.
    """
    text = re.sub(
        r"^(\d{1,4})\.(?=(?:\d{3,4}[pi]|[48]k)(?:\W|$))", r"\1 ", text, flags=re.IGNORECASE
    )
    if " " in text.strip():
        return text
    if "_" in text and not re.search(r"\.s\d+e\d", text, re.IGNORECASE):
        return text.replace("_", " ")
    if re.fullmatch(r"(?:[^\W\d_]\.){2,}[^\W\d_]?", text.strip()):
        return text  # `W.I.T.C.H.`
    if text.replace("...", "").count(".") < 2 and text.count("-") >= 3:
        return text.replace("-", " ")
    if text.strip(". ").count(".") < 2 and not re.search(r"[.-](?:s\d+e\d|e\d|ep\d)", text, re.I):
        return text
    text = re.sub(
        r"(?<![^.])(?:[A-Z]\.){3,}", lambda run: run[0].replace(".", "\ue010") + ".", text
    )
    text = re.sub(r"-(?=s\d{1,4}e\d)|(?<=\de\d\d)-(?=\d{3,4}p)", " - ", text, flags=re.IGNORECASE)
    text = re.sub(r"^(\d)\.(5)(?=\.)", "\\1\ue010\\2", text)
    text = re.sub(r"(?<=\.)(\d)\.(\d)(?=[.-]|$)", "\\1\ue010\\2", text)
    text = re.sub(r"(?<=[A-Za-z]\d)\.(?=\d(?:[.-]|$))", "\ue010", text)
    text = re.sub(r"(?<=[HhXx])\.(?=26\d)", "\ue010", text)
    return text.replace(".", " ").replace("\ue010", ".")


def clean_title(text: str) -> str | None:
    """Return a title without separators at its ends, quotes around it and surplus spaces."""
    text = " ".join(re.sub(r"[\ue000-\ue00f]", " ", text).split()).lstrip(_EDGES)
    text = (
        text.rstrip(_EDGES)
        if not _PAIRED_EDGE.search(text)
        else re.sub(r"\s+[-–~:|·/]+$", "", text)
    )
    while len(text) > 1 and text[0] in '「『《〈“"' and text[-1] in '」』》〉”"':
        text = text[1:-1].strip()
    return text or None


def strip_tags(text: str) -> str:
    """Return a text without the release tags at its end."""
    words = text.split()
    tail = find_tag_tail(words)
    return text if tail == len(words) else " ".join(words[:tail])


def join_pieces(text: str) -> str:
    """Return the pieces of a title between brackets, without tags, joined by spaces."""
    pieces = [clean_title(strip_tags(piece)) for piece in re.split("[\ue000-\ue00f]", text)]
    return " ".join(piece for piece in pieces if piece)


@lru_cache(maxsize=16384)
def split_title(text: str, *, has_year: bool = False) -> SeriesTitle:
    """Split the season off a title: `Show 2nd Season Part 2`, `Show 第二季`.

    Roman numerals and single digits at the end are part of the title.

    Args:
        text: Title.
        has_year: Whether a year at the end is the series' year: `My Show 2021`.
    """
    year = None
    match = _YEAR_AT_END.search(text) if has_year else None
    if match and not _SEASON_WORD_AT_END.search(text[: match.start()]):
        text, year = text[: match.start()], int(match[1])
    season = name = None
    for pattern in _SEASON_PATTERNS:
        match = pattern.fullmatch(text.strip())
        number = parse_number(match["n"]) if match else None
        if match and number is not None:
            text, season = match["before"], number
            name = clean_title(match["rest"] or "")
            break
    return SeriesTitle(clean_title(text), season, name, year)


def is_same_title(one: str, other: str) -> bool:
    """Whether two titles are equal except for case, punctuation and spaces."""
    folded = fold_title(one)
    return bool(folded) and folded == fold_title(other)


@lru_cache(maxsize=32768)
def fold_title(text: str) -> str:
    """Return the letters and digits of a title, without case, accents of width and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())

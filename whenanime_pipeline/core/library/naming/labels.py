"""Recognises the words by which a name says that a file is a special or an extra."""

import re
from dataclasses import dataclass
from functools import lru_cache

from whenanime_pipeline.core.library.naming.words import EXTRA_SUFFIXES, LABELS, join_words

_REST = (
    r"(?:[\s._-]?(?:(?:ver|vol|ep|disc|part)[\s._]?)?(?P<number>\d{1,3})"
    r"(?P<rest>(?:[a-z]|[_.-]\d{1,2})?))?(?:\s?v\d{1,2})?"
)
_WORDS = re.compile(rf"(?P<word>{join_words(LABELS)}){_REST}", re.IGNORECASE)
# At the end of a title, only what is no ordinary word of a title.
_SURE_WORDS = [
    word
    for word, label in LABELS.items()
    if label in {"OVA", "NCOP", "NCED", "NC", "Menu"} or not word.isascii()
]
_SURE_AT_END = re.compile(
    rf"(?P<before>.*[\s_.\-–—]|.*(?<=[^\x00-\x7f]))(?P<word>{join_words(_SURE_WORDS)}){_REST}$",
    re.IGNORECASE,
)
_UPPER_AT_END = re.compile(r"(?P<before>.*[\s_.\-–—])(?P<word>SPs?|OP|ED|PV|CM|MV)" + _REST + "$")
_SPECIAL_AT_END = re.compile(
    r"(?P<before>.*[\s_.\-–—])(?P<word>Specials?|Trailer|Teaser|Preview|Recap|Opening|Ending)"
    r"[\s._-]?(?P<number>\d{1,3})(?P<rest>[a-z]?)(?:\s?v\d{1,2})?$",
    re.IGNORECASE,
)
_AFTER_DASH = re.compile(
    rf"(?P<before>.*?)\s+[-–—]\s+(?P<word>{join_words(LABELS)}){_REST}$", re.IGNORECASE
)
_EXTRA_SUFFIX = re.compile(
    rf"(?P<before>.*?\S)(?:[-._]|(?P<dash>\s[-–]\s)|(?<=\w)\s(?=trailer|sample))(?P<word>{join_words(EXTRA_SUFFIXES)})"
    r"(?P<number>\d{1,2})?(?P<rest>)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Label:
    """What says that a file is a special or an extra.

    Attributes:
        mark: Label in its usual spelling: `NCOP`, `Menu`, `Trailer`.
        number: Number after the word; None without one.
        before: Text before the word; empty where the word stands alone.
    """

    mark: str
    number: int | None = None
    before: str = ""


@lru_cache(maxsize=4096)
def parse_label(text: str) -> Label | None:
    """Return the label that a whole text is: `NCOP2`, `Menu01_1`, `Web Preview 03`, `番外`.

    Args:
        text: Content of brackets, a folder's name or a stem.
    """
    match = _WORDS.fullmatch(text.strip())
    return _make_label(match, "") if match else None


@lru_cache(maxsize=16384)
def find_label_at_end(text: str) -> Label | None:
    """Return the label at the end of a title: `Show - OVA 2`, `Show SP1`, `番名 特別編`.

    Ordinary words such as `Ending` count only after a dash or before a number.
    """
    for pattern in (_AFTER_DASH, _SURE_AT_END, _UPPER_AT_END, _SPECIAL_AT_END):
        match = pattern.fullmatch(text)
        if match and match["before"].strip(" -_.–—"):
            return _make_label(match, match["before"])
    return None


def find_extra_suffix(stem: str) -> Label | None:
    """Return the label of an ending that media servers know: `Film (1988)-trailer`."""
    match = _EXTRA_SUFFIX.fullmatch(stem)
    if not match or (match["dash"] and re.search(r"\d\W*$", match["before"]) and "(" not in stem):
        return None  # `Show - S01E05 - Trailer` is an episode's title
    return _make_label(match, match["before"])


def _make_label(match: re.Match[str], before: str) -> Label:
    word = re.sub(r"[\s._-]+", " ", match["word"]).casefold()
    mark = LABELS.get(word) or LABELS.get(word.replace(" ", "")) or match["word"]
    rest = match["rest"] or ""
    return Label(mark + rest, int(match["number"]) if match["number"] else None, before.rstrip())

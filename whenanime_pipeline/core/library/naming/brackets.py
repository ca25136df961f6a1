"""Splits a name into text and bracketed groups, and classifies each group by what it says."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from whenanime_pipeline.core.library.naming.labels import parse_label
from whenanime_pipeline.core.library.naming.numerals import CJK_NUMBER
from whenanime_pipeline.core.library.naming.tags import is_tag_group
from whenanime_pipeline.core.library.naming.words import EPISODE_AFTER, EPISODE_BEFORE, join_words

GroupRole = Literal[
    "text", "tag", "id", "year", "number", "code", "season", "label", "date", "part"
]

_PAIRS = {"[": "]", "【": "】", "(": ")", "（": "）", "{": "}", "〔": "〕", "［": "］"}
_ROUND = "(（"
_ID = re.compile(
    r"(?P<site>tvdb|thetvdb|tmdb|imdb|anidb|anilist|mal|myanimelist|tvmaze)\d?(?:[-_ ]?id)?"
    r"\s*[-=:_ ]\s*(?P<value>(?:tt)?\d{1,9})",
    re.IGNORECASE,
)
_SITES = {"thetvdb": "tvdb", "myanimelist": "mal"}
_YEAR = re.compile(r"((?:19[3-9]|20[0-4])\d)(?:\s*[-–]\s*(?:(?:19|20)\d\d)?)?")
_NUMBER = re.compile(
    rf"(?:(?:{join_words(EPISODE_BEFORE)}|e|p)\s*\.?\s*)?(?:\d{{1,4}}(?:\.\d)?[a-d]?|第?{CJK_NUMBER})"
    r"(?:\s*v\d)?(?:\s*[-~～+&]\s*(?:ep?|第)?\d{1,4}(?:\.\d)?(?:v\d)?)?"
    rf"\s*(?:{join_words(EPISODE_AFTER)})?\s*(?:v\d)?\s*[-_]?\s*"
    r"(?:end|fin|final|完|完结|完結|終|终|最終話|最终话|v\d)?"
    r"|\d{1,4}[ _](?:из|of|de|von)[ _]\d{1,4}",
    re.IGNORECASE,
)
_PART = re.compile(r"p\d{1,4}", re.IGNORECASE)
_CODE = re.compile(
    r"s\d{1,4}[\s._-]*e[p.]?\s?\d{1,4}.*|\d{1,2}x\d{2,3}(?:[^\da-wyz].*)?", re.IGNORECASE
)
_SEASON = re.compile(
    rf"s\d{{1,2}}|(?:season|saison|staffel|сезон|シーズン|시즌)[\s._-]?\d{{1,2}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th) season|第\s*(?:\d{{1,2}}|{CJK_NUMBER})\s*[季期]",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)\d\d([.\-_ ])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])")
_RESOLUTION_NUMBERS = frozenset({"480", "576", "720", "1080", "1440", "2160"})
_RESOLUTION = re.compile(r"\d{3,4}[pi]|\d{3,4}\s?[x×]\s?\d{3,4}|[48]k", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a name.

    Attributes:
        text: Text, or the content of a pair of brackets without them.
        opener: Opening bracket; empty for text outside brackets.
        role: What the content says; `text` outside brackets.
    """

    text: str
    opener: str = ""
    role: GroupRole = "text"

    @property
    def is_round(self) -> bool:
        """Whether the brackets are round ones, which titles use as well."""
        return self.opener in _ROUND and bool(self.opener)


def split_segments(name: str) -> list[Segment]:
    """Split a name at its brackets; brackets without a partner are text.

    Args:
        name: File name without extension, or a folder's name, NFC.
    """
    segments: list[Segment] = []
    start = position = 0
    while position < len(name):
        closer = _PAIRS.get(name[position])
        end = _find_closer(name, position, closer) if closer else -1
        if end < 0:
            position += 1
            continue
        if start < position:
            segments.append(Segment(name[start:position]))
        content = name[position + 1 : end]
        segments.append(_classify_group(content, name[position]))
        start = position = end + 1
    if start < len(name):
        segments.append(Segment(name[start:]))
    return _find_bare_resolution(segments)


def _find_bare_resolution(segments: list[Segment]) -> list[Segment]:
    """Read `[1080]` as a tag where other brackets hold the number and none holds a resolution."""
    numbers = [segment for segment in segments if segment.role == "number"]
    bare = [segment for segment in numbers if segment.text in _RESOLUTION_NUMBERS]
    if len(numbers) == len(bare) or any(_RESOLUTION.search(one.text) for one in segments):
        return segments
    return [replace(one, role="tag") if one in bare else one for one in segments]


def parse_id(text: str) -> str | None:
    """Return an id as `tvdb-405920`; None where the content of a group is none."""
    match = _ID.fullmatch(text.strip())
    if not match:
        return None
    site = match["site"].casefold()
    return f"{_SITES.get(site, site)}-{match['value'].lower()}"


def parse_year(text: str) -> int | None:
    """Return the (first) year in the content of a group; None where it is none."""
    match = _YEAR.fullmatch(text.strip())
    return int(match[1]) if match else None


def _find_closer(name: str, position: int, closer: str) -> int:
    """Return the index of the bracket that closes the one at a position; -1 without one."""
    depth = 0
    for index in range(position, len(name)):
        if name[index] == name[position]:
            depth += 1
        elif name[index] == closer:
            depth -= 1
            if depth == 0:
                return index
    return -1


def _classify_group(content: str, opener: str) -> Segment:
    text = content.strip()
    return Segment(text, opener, _find_role(text, is_round=opener in _ROUND))


def _find_role(text: str, *, is_round: bool) -> GroupRole:
    if parse_id(text):
        return "id"
    if _DATE.fullmatch(text):
        return "date"
    if parse_year(text):
        return "year"
    if _CODE.fullmatch(text):
        return "code"
    if _PART.fullmatch(text):
        return "part"
    if _SEASON.fullmatch(text):
        return "season"
    if _NUMBER.fullmatch(text) and _has_number(text):
        return "number"
    if is_tag_group(text, is_round=is_round):
        return "tag"
    return "label" if parse_label(text) else "text"


def _has_number(text: str) -> bool:
    return any(char.isdecimal() for char in text) or text.startswith("第")

"""Parses Chinese and Japanese episode and season numbers: 第十二集, 第01話, 第二季, 第1-2话."""

import re
from dataclasses import dataclass

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100}
_NUMBER = r"(?:\d{1,5}(?:\.5)?|[〇零一二三四五六七八九两十百]{1,7})"
_EPISODE = re.compile(
    rf"第\s*(?P<first>{_NUMBER})\s*(?:[话話集回]?\s*[-~～〜—至]\s*第?\s*(?P<last>{_NUMBER})\s*)?[话話集回]"
    r"|(?<![全共\d.])(?P<plain>\d{1,4})[话話集](?!\w*[全共])"
)
_SEASON = re.compile(rf"第\s*(?P<number>{_NUMBER})\s*[季期部]|シーズン\s*(?P<japanese>\d{{1,3}})")


@dataclass(frozen=True, slots=True)
class NumberingMatch:
    """An episode or season number in a text.

    Attributes:
        before: Text before the number, stripped.
        first: Number as ASCII text, possibly with `.5`.
        last: Last number of a range, else None.
        after: Text after the number, stripped.
    """

    before: str
    first: str
    last: str | None
    after: str


def parse_number(text: str) -> str:
    """Convert a number in digits of any script or in Chinese numerals up to 999 to ASCII digits.

    Args:
        text: Number such as `12`, `１２`, `12.5`, `十二`, `二十`, `一二` or `一百零三`.

    Returns:
        ASCII decimal text without leading zeros; a half keeps its `.5`.
    """
    if text[0].isdecimal():
        whole, _, half = text.partition(".")
        return f"{int(whole)}.{half}" if half else str(int(whole))
    if not any(char in _UNITS for char in text):
        return str(int("".join(str(_DIGITS[char]) for char in text)))
    total, digit = 0, 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return str(total + digit)


def find_episode_number(text: str) -> NumberingMatch | None:
    """Find the first episode number (话, 話, 集, 回) in a text; None where there is none."""
    match = _EPISODE.search(text)
    if not match:
        return None
    last = match["last"]
    return NumberingMatch(
        text[: match.start()].strip(),
        parse_number(match["first"] or match["plain"]),
        parse_number(last) if last else None,
        text[match.end() :].strip(),
    )


def find_season_number(text: str) -> NumberingMatch | None:
    """Find the first season number (季, 期, 部, シーズン) in a text; None where there is none."""
    match = _SEASON.search(text)
    if not match:
        return None
    number = parse_number(match["number"] or match["japanese"])
    return NumberingMatch(text[: match.start()].strip(), number, None, text[match.end() :].strip())

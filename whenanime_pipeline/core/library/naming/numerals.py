"""Parses numbers in digits of all scripts, in Chinese characters and in English words."""

import re
from functools import lru_cache

from whenanime_pipeline.core.library.naming.words import NUMBER_WORDS

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}

CJK_NUMBER = r"[〇零一二三四五六七八九两兩十百千]{1,7}"
"""Pattern of a number in Chinese characters."""

NUMBER = rf"(?:\d{{1,4}}(?:\.\d)?|{CJK_NUMBER})"
"""Pattern of an episode's or a season's number."""


@lru_cache(maxsize=4096)
def parse_number(text: str) -> int | None:
    """Return a number's whole part; None where the text is none.

    Args:
        text: Digits of any script, perhaps with `.5`, Chinese characters (`二十三`, `一〇五`), or a
            number word.
    """
    text = text.strip()
    if match := re.fullmatch(r"(\d{1,9})(?:\.\d)?", text):
        return int(match[1])
    if text.casefold() in NUMBER_WORDS:
        return NUMBER_WORDS[text.casefold()]
    if not text or not re.fullmatch(CJK_NUMBER, text):
        return None
    if not any(char in _UNITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit = 0, None
    for char in text:
        if char in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[char]
            digit = None
        else:
            digit = _DIGITS[char]
    return total + (digit or 0)

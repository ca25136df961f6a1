"""Parses the numbered scheme: season folder `24_决战次时代`, episode file `01-怪石现世.mp4`."""

import re
from dataclasses import dataclass

_NUMBERED = re.compile(
    r"(?P<number>\d{1,4})(?:v\d)?(?P<separator>\s*[-_.]\s*|\s+)(?P<name>.*\S)\s*"
)
_BARE_NUMBER = re.compile(r"(?P<number>\d{1,4})(?:v\d)?")
_TAGS_AT_END = re.compile(r"(?:\s*(?:\[[^\]]*\]|【[^】]*】|\([^)]*\)))+$")
# A number that is part of the title (`86 - 05`, `91 Days - 03`) is followed by the episode's.
_NUMBER_FOLLOWS = re.compile(
    r"(?:^|[\s_\]-])(?:s\d{1,3}[\s._]?e\d|\d{1,3}x\d|(?:ep?|#)\.?\s?\d|第.{1,8}[话話集回])"
    r"|(?:^|\s)[-–]\s*\d{1,4}(?:v\d)?(?=$|[\s_.\[(])|[\[【]\d{1,4}(?:v\d)?[\]】]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NumberedName:
    """Number and name in the numbered scheme.

    Attributes:
        number: Number of the season or episode.
        name: Text after the number; None for a bare number.
        separator: Separator without spaces: `-`, `_`, `.`, or empty for a space.
        is_padded: Whether the number has two digits or more, as numbered files do.
    """

    number: int
    name: str | None
    separator: str
    is_padded: bool


def parse_numbered_name(text: str) -> NumberedName | None:
    """Parse a folder's name or a file's stem in the numbered scheme.

    Args:
        text: Name such as `24_决战次时代`, `01-怪石现世` or `07`.

    Returns:
        Number and name; None when the text does not begin with a number, or when that is part of
        the title because the episode's own number follows (`86 - 05`, `91 Days - S01E03`).
    """
    if bare := _BARE_NUMBER.fullmatch(text.strip()):
        digits = bare["number"]
        return NumberedName(int(digits), None, "", len(digits) > 1)
    match = _NUMBERED.fullmatch(text.lstrip())
    if not match:
        return None
    rest = match["name"]
    if _NUMBER_FOLLOWS.search(match["separator"] + rest):
        return None
    name = _TAGS_AT_END.sub("", rest).strip(" -_.") or None
    return NumberedName(
        int(match["number"]), name, match["separator"].strip(), len(match["number"]) > 1
    )

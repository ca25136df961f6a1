"""The numbered scheme: season folder `24_决战次时代`, episode file `01-怪石现世.mp4`."""

import re
from dataclasses import dataclass

_NUMBERED = re.compile(
    r"(?P<number>\d{1,4})(?:v\d)?(?P<separator>\s*[-_.]\s*|\s+)(?P<name>.*\S)\s*"
)
_BARE_NUMBER = re.compile(r"(?P<number>\d{1,4})(?:v\d)?")
_TAGS_AT_END = re.compile(r"(?:\s*(?:\[[^\]]*\]|【[^】]*】|\([^)]*\)))+$")
# A number that is a title's own part (`86 - 05`, `91 Days - 03`) is followed by the real one.
_NUMBER_FOLLOWS = re.compile(
    r"(?:^|[\s_\]-])(?:s\d{1,3}[\s._]?e\d|\d{1,3}x\d|(?:ep?|#)\.?\s?\d|第.{1,8}[话話集回])"
    r"|(?:^|\s)[-–]\s*\d{1,4}(?:v\d)?(?=$|[\s_.\[(])|[\[【]\d{1,4}(?:v\d)?[\]】]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NumberedName:
    """A number and a name, as this scheme writes them.

    Attributes:
        number: Season or episode.
        name: What follows; None for a bare number.
        separator: What stands between, without spaces: `-`, `_`, `.`, or nothing for a space.
        is_padded: Whether the number has two digits or more, as numbered files do.
    """

    number: int
    name: str | None
    separator: str
    is_padded: bool


def parse_numbered_name(text: str) -> NumberedName | None:
    """Read a folder's name or a file's stem in the numbered scheme.

    Args:
        text: `24_决战次时代`, `01-怪石现世`, `07`.

    Returns:
        None when it does not begin with a number, or when the number is part of a title because
        the episode's own follows (`86 - 05`, `91 Days - S01E03`).
    """
    if bare := _BARE_NUMBER.fullmatch(text.strip()):
        digits = bare["number"]
        return NumberedName(int(digits), None, "", len(digits) > 1)
    found = _NUMBERED.fullmatch(text.lstrip())
    if not found:
        return None
    rest = found["name"]
    if _NUMBER_FOLLOWS.search(found["separator"] + rest):
        return None
    name = _TAGS_AT_END.sub("", rest).strip(" -_.") or None
    return NumberedName(
        int(found["number"]), name, found["separator"].strip(), len(found["number"]) > 1
    )

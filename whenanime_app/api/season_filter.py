"""Parses lists of seasons as people write them: `19,20,22-24`."""

import re

MAX_SEASON = 9999
"""Some libraries number seasons by years; larger numbers are typing errors."""
MAX_SEASONS_LENGTH = 200
"""Characters of a list; a hundred seasons one by one have fewer."""

_SEPARATOR = re.compile(r"[,，、;；\s]+")
_RANGE = re.compile(r"([0-9]{1,4})(?:[-–—~～]([0-9]{1,4}))?")


class SeasonsError(ValueError):
    """An invalid list of seasons; the message says what to write instead."""


def parse_seasons(text: str) -> frozenset[int] | None:
    """Read a list of seasons.

    Args:
        text: numbers and ranges, `19,20,22-24`; Chinese commas and spaces separate as well.
            Specials are season 0.

    Returns:
        The seasons; None, which stands for all, when the text names none.

    Raises:
        SeasonsError: something in it is neither a season nor a range of them.
    """
    if len(text) > MAX_SEASONS_LENGTH:
        raise SeasonsError(
            f"season: longer than {MAX_SEASONS_LENGTH} characters; write 19,20,22-24"
        )
    # A range with spaces around its dash is still one range.
    tight = re.sub(r"\s*([-–—~～])\s*", r"\1", text)
    seasons: set[int] = set()
    for part in filter(None, _SEPARATOR.split(tight)):
        seasons.update(_parse_range(part))
    return frozenset(seasons) or None


def _parse_range(part: str) -> range:
    found = _RANGE.fullmatch(part)
    if found is None:
        raise SeasonsError(f"season: {part!r} is no season; write 19,20,22-24")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise SeasonsError(f"season: {part!r} runs backwards; write {last}-{first}")
    return range(first, last + 1)

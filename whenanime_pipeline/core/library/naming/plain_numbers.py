"""Finds numbers in a name that may count the episodes although nothing says so."""

import re
from collections.abc import Iterator

from whenanime_pipeline.core.library.naming.codes import NumberFound
from whenanime_pipeline.core.library.naming.numerals import CJK_NUMBER, parse_number

BOUND = "\ue000"
"""Stands in a body for a pair of brackets that holds no text of a title."""
NUMBER_OPEN, NUMBER_CLOSE = "\ue001", "\ue002"
"""Stand in a body for brackets around a number."""
YEAR = "\ue003"
"""Stands in a body for a year in brackets."""
ROUND_OPEN, ROUND_CLOSE = "\ue004", "\ue005"
"""Stand in a body for round brackets around a number."""

_NUMBER = (
    r"(?P<first>\d{1,4})(?P<half>\.\d(?!\d))?(?P<letter>[a-d](?![a-z]))?(?:\s?v\d{1,2}(?!\w))?"
    r"(?:(?:(?:-|\s?[~～&+]\s?)(?P<last>\d{1,4})(?:v\d)?)+(?=$|[\s\ue000-\ue005]))?"
    r"(?:\s*[-_]?\s*(?:end|fin|final|完结|完結|完|終|终)(?=$|[\s\ue000-\ue005]))?"
)
_END = r"(?=\s*(?:$|[\ue000-\ue005]))"
_IN_BRACKETS = re.compile(
    r"(?P<open>[\ue001\ue004])\D{0,12}?(?:(?P<first>\d{1,4})(?P<half>\.\d)?(?P<letter>[a-d](?![a-z]))?"
    rf"|第?(?P<written>{CJK_NUMBER}))(?:\s?v\d)?(?:\s*[-~～&+]\s*\D{{0,2}}(?P<last>\d{{1,4}}))?[^\ue002\ue005]*"
    r"[\ue002\ue005]",
    re.IGNORECASE,
)
_DASH = re.compile(
    rf"(?:(?<=\s)|(?<=[\ue000-\ue005]))[-–—]\s+{_NUMBER}(?P<then>\s+[-–—]\s|{_END}|\s+(?=\S))", re.I
)
_LAST = re.compile(
    rf"(?:(?<=[\s\-–—·:：.!！?？~～])|(?<=[^\x00-\x7f])(?=\d\d)){_NUMBER}{_END}", re.I
)
_FIRST = re.compile(rf"\s*{_NUMBER}(?P<gap>\s*[-–_、:：]\s*|\.(?!\d)\s*|\s+)(?=\S)", re.I)
_BARE = re.compile(rf"\s*{_NUMBER}\s*", re.I)
_MID = re.compile(
    r"(?<=\s)(?P<first>\d{2,4})(?P<half>\.\d)?(?P<letter>[a-d])?(?P<last>)?(?:v\d)?(?=\s+[^\W\d])"
)


def find_plain_numbers(body: str) -> list[NumberFound]:
    """Return every number that may count the episodes, by how it stands.

    Args:
        body: Name with the private characters of this module for its brackets, without tags.

    Returns:
        Numbers with rules `bare`, `bracket0`, `round0`, `dash0` (between dashes), `text0` (after a
        dash, before text), `last` (before the tags), `first` and `mid3` (the fourth word), the
        digits counting those of one kind from the left.
    """
    if match := _BARE.fullmatch(body.strip(BOUND + " ")):
        start = body.index(match[0])
        return [_make(match, "bare", start)]
    return [*_find_bracketed(body), *_find_dashed(body), *_find_edges(body), *_find_middle(body)]


def is_year_like(number: int) -> bool:
    """Whether a number is probably a year."""
    return 1950 <= number <= 2035


def _find_bracketed(body: str) -> Iterator[NumberFound]:
    counts = {NUMBER_OPEN: 0, ROUND_OPEN: 0}
    for match in _IN_BRACKETS.finditer(body):
        rule = "bracket" if match["open"] == NUMBER_OPEN else "round"
        yield _make(match, f"{rule}{counts[match['open']]}")
        counts[match["open"]] += 1


def _find_dashed(body: str) -> Iterator[NumberFound]:
    counts = {"dash": 0, "text": 0}
    position = 0
    while match := _DASH.search(body, position):
        is_pure = not match["then"] or match["then"].strip() in {"-", "–", "—"}
        rule = "dash" if is_pure else "text"
        yield _make(match, f"{rule}{counts[rule]}", end=match.end() - len(match["then"]))
        counts[rule] += 1
        position = match.end("first")


def _find_edges(body: str) -> Iterator[NumberFound]:
    last = list(_LAST.finditer(body))[-1:]
    if last and last[0].start() > 0:
        yield _make(last[0], "last")
    if first := _FIRST.match(body):
        yield _make(first, "first", gap=_describe_gap(first["gap"]))


def _describe_gap(gap: str) -> str:
    """Return the separator after a number at the start; `=` for a hyphen without spaces."""
    return "=" if gap in {"-", "–"} else gap.strip()


def _find_middle(body: str) -> Iterator[NumberFound]:
    for match in _MID.finditer(body):
        if body[: match.start()].strip(f" {BOUND}{YEAR}"):
            yield _make(match, f"mid{len(body[: match.start()].split())}")


def _make(
    match: re.Match[str], rule: str, offset: int = 0, end: int | None = None, gap: str = ""
) -> NumberFound:
    groups = match.groupdict()
    written = groups["first"] or groups.get("written") or "0"
    number = parse_number(written) or 0
    last = parse_number(groups.get("last") or "")
    return NumberFound(
        offset + match.start(),
        offset + match.end() if end is None else end,
        rule + gap,
        number,
        last if last is not None and last > number else None,
        None,
        (groups.get("half") or "") + (groups.get("letter") or "").lower(),
        is_padded=len(written) > 1,
    )

"""Finds numbers that a name declares: `S01E02`, `1x02`, `第03話`, `Folge 4`, `2019-05-12`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from whenanime_pipeline.core.library.naming.numerals import NUMBER, parse_number
from whenanime_pipeline.core.library.naming.words import EPISODE_AFTER, EPISODE_BEFORE, join_words

_JOIN = r"(?:[-–—]|\s?[~～+&至]\s?)"
_AFTER_RANGE = r"(?=\s*(?:$|[\-–\[(.)\ue000-\ue005])|[\s_]of)"
_START = r"(?<![A-Za-z0-9])"
_TAIL = r"(?:\.(?P<half>\d)(?!\d))?(?P<letter>[a-d])?(?:\s?v\d{1,2})?(?![\dA-Za-z])"
_CODE = re.compile(
    rf"{_START}S(?P<season>\d{{1,4}})[\s._-]*(?:xE|EP?|x)[\s._-]?(?P<first>\d{{1,5}})"
    rf"|{_START}(?P<cross>\d{{1,2}}|(?:19|20)\d\d)x(?P<crossed>\d{{2,4}}|\d(?=\s*(?:$|[-_.\ue000-\ue005])))",
    re.IGNORECASE,
)
# Whatever stands before and after: `grp-zoos01e11`.
_CODE_INSIDE = re.compile(r"S(?P<season>\d{1,4})E(?P<first>\d{1,4})", re.IGNORECASE)
_NEXT_MARKED = re.compile(
    r"(?:\s*[-–~+&_]\s*|[\s.]?)(?:(?:S?(?P<season>\d{1,4}))?xE?|(?:S(?P<other>\d{1,4}))?Ep?\.?)"
    r"(?P<number>\d{1,5})(?![\dA-Za-z])",
    re.IGNORECASE,
)
_NEXT_GLUED = re.compile(r"(?:EP?|x)(?P<number>\d{2,4})(?=(?:EP?|x)\d)", re.IGNORECASE)
_NEXT_PLAIN = re.compile(rf"[-~+&_](?P<number>\d{{1,4}})(?:{_AFTER_RANGE}|(?=[-~+&]\d))")
_CODE_TAIL = re.compile(
    r"(?:\.(?P<half>\d)(?!\w))?(?P<letter>[a-d](?![A-Za-z]))?(?:\s?v\d{1,2})?", re.I
)
_SEASON_EPISODE = re.compile(
    rf"{_START}(?:season|saison|staffel|temporada|stagione|series|сезон|s)[\s._]*(?P<season>\d{{1,4}})"
    r"[\s._,-]*(?:episode|épisode|ep\.?|eps\.?|folge|cap[ií]tulo|episodio|серия|эпизод|e)"
    rf"[\s._]*(?P<first>\d{{1,4}})(?:{_JOIN}(?P<last>\d{{1,4}}))?" + _TAIL,
    re.IGNORECASE,
)
_LATIN_BEFORE = [word for word in EPISODE_BEFORE if word not in {"第", "제", "#", "№", "♯"}]
_BEFORE = re.compile(
    rf"(?:(?<![^\W_])(?:{join_words(_LATIN_BEFORE)})|(?<![^\W\d_])e(?=\d{{2}})|(?<=\d)e(?=\d{{2}})|[#№♯])"
    rf"[\s._:-]*(?P<first>\d{{1,4}})(?:\s?v\d)?(?:{_JOIN}(?:[a-z]{{1,7}}[\s._]?)?(?P<last>\d{{1,4}}))?"
    + _TAIL,
    re.IGNORECASE,
)
_CJK = re.compile(
    rf"(?:第|제)\s*(?P<first>{NUMBER})\s*"
    rf"(?:[话話集回화회]?\s*[-~～〜—–至]\s*[第제]?\s*(?P<last>{NUMBER})\s*)?"
    r"(?:[话話集回夜讲講弾화회]|(?=$|[\s\]】_.「『\ue000-\ue006]))"
    r"|(?<![全共\d.第])(?P<plain>\d{1,4})(?:\s*[-~～〜—–至]\s*(?P<plain_last>\d{1,4}))?\s?[话話集화회]"
    r"(?!\w*[全共])|(?<![全共\d.第])(?P<turn>\d{1,4})回(?!\w)"
)
_AFTER = re.compile(
    r"(?<![\w.])(?P<first>\d{1,4})(?:-?[йяа]{1,2})?(?:[-–](?P<last>\d{1,4}))?[\s._]*"
    rf"(?:{join_words(word for word in EPISODE_AFTER if len(word) > 1)})(?!\w)"
    r"|(?<![\w.])(?P<of>\d{1,4})\s?(?:из|of|de|von|di)\s?\d{1,4}(?!\w)",
    re.IGNORECASE,
)
_PART = re.compile(
    r"^[\s\ue000]*P\s?(?P<first>\d{1,3})(?=$|[\s._、:：-]|[^\x00-\x7f])" + r"(?P<last>)?"
)
_COUNTS_ON = re.compile(
    r".*\s[-–—]\s(?:\w+\.?\s)?\d{1,4}(?:v\d)?(?:$|[\s\ue000-\ue005])|\s*[\ue003]"
)
_NUMBER_FOLLOWS = re.compile(
    r".*?(?<![\w.])(?:ep?|\D+\s)?\d{1,4}(?:v\d)?(?!\w)|\s*\ue003", re.IGNORECASE
)
_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<gap>[.\-_ ])(?P<month>0[1-9]|1[0-2])(?P=gap)"
    r"(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)(?P<day2>0[1-9]|[12]\d|3[01])(?P<gap2>[.\-_ ])(?P<month2>0[1-9]|1[0-2])(?P=gap2)"
    r"(?P<year2>(?:19|20)\d\d)(?!\d)"
    r"|(?<!\d)(?P<year3>20\d\d)(?P<month3>0[1-9]|1[0-2])(?P<day3>0[1-9]|[12]\d|3[01])(?!\d)"
)


DECLARED_RULES = frozenset({"code", "counter", "date"})
"""Rules of numbers that a name declares to be an episode's."""


@dataclass(frozen=True, slots=True)
class NumberFound:
    """A number in a text that may be an episode's.

    Attributes:
        start, end: Span in the text.
        rule: How it was recognised, comparable between siblings.
        number: First number.
        number_end: Last number of several; None for one.
        season: Season that stands with it.
        suffix: `.5` or a letter after the number; empty without.
        is_padded: Whether it is written with two digits or more.
    """

    start: int
    end: int
    rule: str
    number: int
    number_end: int | None = None
    season: int | None = None
    suffix: str = ""
    is_padded: bool = True

    @property
    def is_declared(self) -> bool:
        """Whether the text says that the number is an episode's."""
        return self.rule in DECLARED_RULES


def find_declared_number(text: str) -> NumberFound | None:
    """Return the number that a text declares as an episode's; None where there is none.

    Codes with a season come first, then words of counting in any language, then dates, whose year
    is the season and whose month and day are the number: 512 for 2019-05-12.
    """
    for find in (_find_code, _find_counted, _find_date):
        if found := next(find(text), None):
            return found
    return None


def _find_code(text: str) -> Iterator[NumberFound]:
    for match in _CODE.finditer(text):
        yield _follow_code(text, match)
    for match in _SEASON_EPISODE.finditer(text):
        yield _make(match, "code", season=int(match["season"]))
    for match in _CODE_INSIDE.finditer(text):
        yield _follow_code(text, match)


def _follow_code(text: str, match: re.Match[str]) -> NumberFound:
    """Return a code with all numbers that follow it: `S01E01-E02`, `02x03 - 02x04`, `S01E01-02`."""
    groups = match.groupdict()
    season = int(groups["season"] or groups["cross"])
    first = last = int(groups["first"] or groups["crossed"])
    end = match.end()
    while following := (
        _NEXT_MARKED.match(text, end)
        or _NEXT_GLUED.match(text, end)
        or _NEXT_PLAIN.match(text, end)
    ):
        named = following.groupdict()
        other = named.get("season") or named.get("other")
        number = int(following["number"])
        if number <= last or (other is not None and int(other) != season):
            break
        last, end = number, following.end()
    tail = _CODE_TAIL.match(text, end)
    suffix = ""
    if tail and last == first:
        suffix = (f".{tail['half']}" if tail["half"] else "") + (tail["letter"] or "").lower()
        end = tail.end()
    return NumberFound(
        match.start(), end, "code", first, last if last != first else None, season, suffix
    )


def _find_counted(text: str) -> Iterator[NumberFound]:
    for pattern in (_CJK, _PART, _BEFORE, _AFTER):
        for match in pattern.finditer(text):
            counts_on = _NUMBER_FOLLOWS if match[0].startswith("№") else _COUNTS_ON
            if match[0][0] in "#№♯" and counts_on.match(text, match.end()):
                continue  # `Kaiju № 8 - 01`
            yield _make(match, "counter")


def _find_date(text: str) -> Iterator[NumberFound]:
    for match in _DATE.finditer(text):
        groups = match.groupdict()
        year, month, day = (
            int(groups[part] or groups[f"{part}2"] or groups[f"{part}3"])
            for part in ("year", "month", "day")
        )
        yield NumberFound(*match.span(), "date", month * 100 + day, season=year)


def _make(match: re.Match[str], rule: str, season: int | None = None) -> NumberFound:
    groups = match.groupdict()
    written = next(groups[name] for name in ("first", "plain", "turn", "of") if groups.get(name))
    number = parse_number(written) or 0
    last = groups.get("last") or groups.get("plain_last")
    number_end = parse_number(last) if last else None
    half = groups.get("half") or (written.partition(".")[2] if "." in written else "")
    return NumberFound(
        *match.span(),
        rule,
        number,
        number_end if number_end is not None and number_end > number else None,
        season,
        (f".{half}" if half else "") + (groups.get("letter") or "").lower(),
    )

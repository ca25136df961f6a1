"""Reads a file's stem in every way that it allows: what is title, number, kind and tag."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from whenanime_pipeline.core.library.naming.body import StemBody, build_body
from whenanime_pipeline.core.library.naming.codes import (
    DECLARED_RULES,
    NumberFound,
    find_declared_number,
)
from whenanime_pipeline.core.library.naming.labels import find_label_at_end, parse_label
from whenanime_pipeline.core.library.naming.plain_numbers import BOUND, find_plain_numbers
from whenanime_pipeline.core.library.naming.tags import is_strong_tag
from whenanime_pipeline.core.library.naming.titles import (
    SeriesTitle,
    clean_title,
    join_pieces,
    split_title,
    strip_tags,
)
from whenanime_pipeline.core.library.naming.words import FILM_WORDS, join_words

_FILM = re.compile(
    rf"{join_words(word for word in FILM_WORDS if not word.isascii())}"
    r"|(?<!\w)(?:the movie|movie|gekijou?ban)(?!\w)",
    re.IGNORECASE,
)
_ABSOLUTE_AFTER = re.compile(
    r"\s*(?:[-–]\s+|[\ue000\ue001\ue004]+)\s*(?P<first>\d{2,4})(?P<last>(?:\s?[-–]\s?\d{2,4})*)(?:\.\d)?"
    r"(?:v\d)?[\ue002\ue005]?\s*(?P<then>[-–]\s|$|[\ue000-\ue005])"
)
_ABSOLUTE_BEFORE = re.compile(r"\s[-–]\s+(?P<first>\d{2,4})(?:\.\d)?\s*[-–(\ue000]*\s*$")
_YEAR_AT_END = re.compile(r"\ue003[\s\ue000]*$")
_INNER_LABEL = re.compile(r"(?P<title>.+?)\s(?:OVA|OAD|OAV)\s+[-–]\s+(?P<rest>.+)")
_LAST_WORDS = frozenset({"end", "fin", "final", "完", "完结", "完結", "終", "终"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a stem; None where the stem does not say.

    Attributes:
        rule: Where the number was found, see `find_plain_numbers`; `code`, `counter` or `date`
            where the name declares it, `none` without a number.
        title: Title of the series or film.
        season, season_name, number, number_end, absolute, episode_title, year, ids: As in
            `EpisodeName`.
        label: Label of a special or extra.
        suffix: `.5` or a letter after the number.
        is_film: Whether a word says that it is a film.
        is_padded: Whether the number has two digits or more.
        is_bracketed: Whether the title stands in brackets before a number without other text.
        bracket_text: Last text in square brackets.
        before_year: Whether the name ends with a year in brackets, as films do.
    """

    rule: str
    title: str | None = None
    season: int | None = None
    season_name: str | None = None
    number: int | None = None
    number_end: int | None = None
    absolute: int | None = None
    episode_title: str | None = None
    year: int | None = None
    ids: tuple[str, ...] = ()
    label: str | None = None
    suffix: str = ""
    is_film: bool = False
    is_padded: bool = True
    before_year: bool = False
    is_bracketed: bool = False
    bracket_text: str | None = None

    @property
    def is_declared(self) -> bool:
        """Whether the name says that the number is an episode's."""
        return self.rule in DECLARED_RULES


@lru_cache(maxsize=32768)
def read_stem(stem: str) -> tuple[Reading, ...]:
    """Read a stem in every way; the last reading is the one without a number.

    Args:
        stem: File name without its extension, NFC.

    Returns:
        One reading where the name declares the number, else one for each number that it holds and
        one without.
    """
    whole = parse_label(stem)
    if whole:
        return (Reading("none", label=whole.mark, number=whole.number),)
    body = build_body(stem)
    if body.label_number is not None:
        return (_read_without_number(body),)  # `Ben 10 [PV01]`
    if declared := find_declared_number(body.text):
        return (_read_number(body, declared),)
    found = find_plain_numbers(body.text)
    if body.label or body.is_film:
        found = [number for number in found if number.rule.startswith(("bracket", "dash"))]
    return (*(_read_number(body, number) for number in found), _read_without_number(body))


def _read_number(body: StemBody, found: NumberFound) -> Reading:
    before, after = body.text[: found.start], body.text[found.end :]
    if found.is_declared and before.endswith(".") and after[:1] in {".", ""}:
        before, after = before[:-1], after[1:]  # `The Show.S01E01.Its Title`
    elif found.is_declared and after.startswith("."):
        after = after[1:]
    absolute = None
    if found.rule == "code":
        if match := _ABSOLUTE_AFTER.match(after):
            if len(match["first"]) > 2 or match["then"].strip():
                absolute, after = int(match["first"]), after[match.end("last") :]
        elif match := _ABSOLUTE_BEFORE.search(before):
            absolute, before = int(match["first"]), before[: match.start()]
    reading = Reading(
        found.rule,
        number=found.number,
        number_end=found.number_end,
        absolute=absolute,
        episode_title=_read_episode_title(after),
        suffix=found.suffix,
        is_padded=found.is_padded,
        before_year=bool(_YEAR_AT_END.search(after)),
    )
    return _add_title(body, reading, before, found.season)


def _read_without_number(body: StemBody) -> Reading:
    return _add_title(body, Reading("none"), body.text, None)


def _add_title(body: StemBody, reading: Reading, before: str, season: int | None) -> Reading:
    own = _join_pieces(before)
    text = own or body.bracket_title or ""
    split = split_title(
        text,
        has_year=bool(own and body.year is None) and (reading.rule == "none" or body.is_dotted),
    )
    is_bracketed = not own and bool(body.bracket_title) and reading.rule in {"bare", "counter"}
    if is_bracketed and body.text.lstrip()[:1].isdigit():
        reading = replace(reading, episode_title=reading.episode_title or body.bracket_title)
        split = SeriesTitle(None)  # `01【标题】`
    elif split.title is None and body.bracket_title and not own.isdigit():
        split = replace(split, title=split_title(body.bracket_title).title)
    title, label, number = split.title, body.label, reading.number
    declared_label = body.label_number
    is_episode = reading.rule in {"code", "date"}
    if title and label is None and not is_episode and (at_end := find_label_at_end(title)):
        joined = number is None or at_end.number is None
        sure = at_end.mark in {"OVA", "NCOP", "NCED", "SP", "Menu", "PV", "CM", "OP", "ED"}
        if joined and (sure or number is None or reading.rule == "last"):
            title, label, declared_label = clean_title(at_end.before), at_end.mark, at_end.number
    episode_title = reading.episode_title
    if label is None and not is_episode and (inner := _find_inner_label(title, episode_title)):
        title, label, episode_title = inner
    if number is None:
        number = declared_label
    return replace(
        reading,
        title=title,
        season=season if season is not None else _first(split.season, body.season),
        season_name=split.season_name,
        number=number,
        episode_title=episode_title,
        year=_first(body.year, split.year),
        ids=body.ids,
        label=label,
        is_bracketed=is_bracketed,
        bracket_text=body.bracket_text,
        is_film=body.is_film or bool(not is_episode and label is None and _FILM.search(before)),
    )


def _find_inner_label(
    title: str | None, episode_title: str | None
) -> tuple[str | None, str, str | None] | None:
    """Return title, label and episode title of `Show OVA - Its Title` and of `Show - 01 - OVA`."""
    label = parse_label(episode_title) if episode_title else None
    if label and label.number is None and label.mark in {"OVA", "SP"}:
        return title, label.mark, None
    match = _INNER_LABEL.fullmatch(title or "")
    return (match["title"], "OVA", match["rest"]) if match and episode_title is None else None


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def _join_pieces(text: str) -> str:
    """Return the pieces of a title; underscores stand for spaces where there are none."""
    joined = join_pieces(text)
    return joined if " " in joined else joined.replace("_", " ")


def _read_episode_title(after: str) -> str | None:
    """Return the title of an episode from what follows its number."""
    for piece in re.split("[\ue000-\ue005]", after):
        words = piece.split(".")
        title = clean_title(
            strip_tags(" ".join(words) if any(map(is_strong_tag, words)) else piece)
        )
        if title:
            is_year = re.fullmatch(r"(?:19|20)\d\d", title) and after.rstrip().endswith(BOUND)
            is_round = re.fullmatch(r"\([^()]*\)", title)
            return None if is_year or is_round or title.casefold() in _LAST_WORDS else title
    return None

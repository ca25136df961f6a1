"""The right name of a file, and how a parsed name differs from it."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from whenanime_pipeline.core.library.episode import EpisodeKind, EpisodeName


class _NotJudged:
    def __repr__(self) -> str:
        return "*"


ANY: Final = _NotJudged()
"""Stands for a field on which the style says nothing, so that every value is right."""

FIELDS: Final = ("series", "season", "number", "number_end", "kind", "title")


@dataclass(frozen=True, slots=True)
class Expectation:
    """Right values of a file's name; `ANY` where a field is not judged.

    Attributes:
        series: text of the series.
        season: as `EpisodeName.season`; likewise the fields below.
        number: number of the first episode.
        number_end: number of the last of several episodes.
        kind: kind of the file.
        title: title of the episode; None where the name has none.
    """

    series: str | _NotJudged
    season: int | _NotJudged | None = None
    number: int | _NotJudged | None = None
    number_end: int | _NotJudged | None = None
    kind: EpisodeKind | _NotJudged = "episode"
    title: str | _NotJudged | None = ANY


def find_differences(expected: Expectation, parsed: EpisodeName | None) -> list[str]:
    """Return the fields in which a parsed name is wrong; all that are judged where it is None.

    Text is compared in NFC, and is else exact in case and spaces.
    """
    return [
        field
        for field in FIELDS
        if getattr(expected, field) is not ANY
        and (parsed is None or _to_nfc(getattr(parsed, field)) != _to_nfc(getattr(expected, field)))
    ]


def describe(name: Expectation | EpisodeName | None, fields: list[str]) -> str:
    """Return some fields of a name for people: `series='K' number=5`."""
    if name is None:
        return "no answer"
    return " ".join(f"{field}={getattr(name, field)!r}" for field in fields)


def _to_nfc(value: object) -> object:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value

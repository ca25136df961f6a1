"""Titles of real anime and cartoons, as they are spelled in file names.

`titles.tsv` has language, title and, for some, the English title. `sequels.tsv` has language,
title as written, series and season. Characters that file systems refuse are replaced as releases
do it: `Ranma 1-2`, `ID：INVADED`. Titles in brackets (`[Oshi no Ko]`) are left out: nobody can tell
them from a group or a tag in every style.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Title:
    """A title.

    Attributes:
        language: ISO 639-1 code; `en` includes romanised Japanese.
        text: as it is written in a file name.
        series: name of the series, without the words that name a season.
        season: number of the season that `text` names; None where it names none.
        english: the English title of some Chinese series.
    """

    language: str
    text: str
    series: str
    season: int | None = None
    english: str | None = None


@lru_cache(maxsize=1)
def load_titles() -> tuple[Title, ...]:
    """Return all titles: those of series, then those of sequels."""
    rows = [line.split("\t") for line in _read_lines("titles.tsv")]
    titles = [Title(row[0], row[1], row[1], english=row[2] if row[2:] else None) for row in rows]
    for line in _read_lines("sequels.tsv"):
        language, text, series, season = line.split("\t")
        titles.append(Title(language, text, series, int(season)))
    return tuple(titles)


def _read_lines(name: str) -> list[str]:
    return (_FOLDER / name).read_text(encoding="utf-8").splitlines()

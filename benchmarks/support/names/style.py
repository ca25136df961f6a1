"""A release style: how a group, a site or a tool writes the name of an episode."""

import random
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.support.names.episode_titles import pick_episode_titles
from benchmarks.support.names.expectation import ANY, Expectation
from benchmarks.support.names.titles import Title
from whenanime_pipeline.core.library.episode import EpisodeKind

EPISODES = 12
"""Files in a folder of many."""
_OTHER_NUMBERS = 28
"""The number of a single file is one of as many."""
_ID_CHARACTERS = string.ascii_letters + string.digits + "-_"


@dataclass(frozen=True, slots=True)
class Style:
    """How an episode's path is written.

    Attributes:
        name: unique name for the report.
        template: of the path, for `str.format`: `t` title, `n` number, `m` last number of a
            span, `e` episode title, `y` year, `crc`, `id` of a database, `video` of a video site,
            `day` of a date, `english` title, `end` after the last number.
        season: that the style writes; None where it writes none.
        kind: of its files.
        has_title: whether the name has an episode title; else it must have none.
        first: number of the first episode.
        span: episodes in one file.
        languages: of the titles that it is used with; empty for all.
        fits: whether a person can read a title in it.
        spell: how it writes titles.
        judges_number: whether it is clear which season and number it names.
        extras: templates of further files in a folder of many, all of them specials.
        bare_numbers: whether an episode title may be a bare number, where the titles of its
            siblings tell that it is one.
        leading_numbers: whether an episode title may begin with a number.
    """

    name: str
    template: str
    season: int | None = None
    kind: EpisodeKind = "episode"
    has_title: bool = False
    first: int = 1
    span: int = 1
    languages: Sequence[str] = ()
    fits: Callable[[Title], bool] = lambda _title: True
    spell: Callable[[str], str] = lambda text: text
    judges_number: bool = True
    extras: Sequence[str] = ()
    bare_numbers: bool = False
    leading_numbers: bool = True

    @property
    def takes_sequels(self) -> bool:
        """Whether a title may name its season: where the style itself writes none."""
        return self.season is None and self.kind == "episode" and self.judges_number


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of files of one title in one style.

    Attributes:
        style: name of the style.
        title: as written.
        files: relative path and right name of each.
    """

    style: str
    title: str
    files: tuple[tuple[str, Expectation], ...]


def is_fitting(style: Style, title: Title) -> bool:
    """Whether a title is used with a style."""
    if style.languages and title.language not in style.languages:
        return False
    if title.season is not None and not style.takes_sequels:
        return False
    if re.search(r" (19|20[0-2])\d\d?$", title.text) and "{t} ({y})" not in style.template:
        return False  # `Sealab 2021`: unless a year follows, nobody can tell it from one
    hidden = any(f"/{part}".startswith("/{t}") for part in style.template.split("/"))
    if title.text.startswith(".") and hidden:
        return False  # a dot file, which no scan of a library reads
    return style.fits(title)


def build_folder(style: Style, title: Title, others: Sequence[Title], seed: int) -> Folder:
    """Build a folder of `EPISODES` files, of a film and others in a style of films."""
    chance = random.Random(f"{seed}/{style.name}/{title.text}")
    if style.kind == "film":
        more = [other for other in others if other.text != title.text]
        films = [title, *chance.sample(more, EPISODES - 1)]
        return Folder(
            style.name,
            title.text,
            tuple(_build_file(style, film, 1, "", chance, 0) for film in films),
        )
    names = pick_episode_titles(
        title.language,
        EPISODES,
        chance,
        bare_numbers=style.bare_numbers,
        leading_numbers=style.leading_numbers,
    )
    constant = random.Random(f"{seed}/{title.text}").getrandbits(32)
    files = [
        _build_file(style, title, style.first + index * style.span, name, chance, constant)
        for index, name in enumerate(names)
    ]
    values = _values(style, title, 1, names[0], chance, constant)
    special = Expectation(title.series, 0, ANY, ANY, "special", ANY)
    files += [(template.format(**values), special) for template in style.extras]
    return Folder(style.name, title.text, tuple(files))


def build_single(style: Style, title: Title, seed: int) -> Folder:
    """Build a folder of one file, with a number that the seed decides."""
    chance = random.Random(f"{seed}/{style.name}/{title.text}/single")
    number = style.first + chance.randrange(_OTHER_NUMBERS)
    (name,) = pick_episode_titles(title.language, 1, chance, leading_numbers=style.leading_numbers)
    constant = random.Random(f"{seed}/{title.text}").getrandbits(32)
    return Folder(
        style.name, title.text, (_build_file(style, title, number, name, chance, constant),)
    )


def _build_file(
    style: Style,
    title: Title,
    number: int,
    episode_title: str,
    chance: random.Random,
    constant: int,
) -> tuple[str, Expectation]:
    film = style.kind == "film"
    constant = chance.getrandbits(32) if film else constant
    path = style.template.format(**_values(style, title, number, episode_title, chance, constant))
    expected = Expectation(
        series=title.series,
        season=title.season if style.season is None else style.season,
        number=None if film else number,
        number_end=number + style.span - 1 if style.span > 1 else None,
        kind=style.kind,
        title=episode_title if style.has_title else None,
    )
    if not style.judges_number:
        expected = replace(expected, season=ANY, number=ANY, number_end=ANY)
    return path, expected


def _values(
    style: Style,
    title: Title,
    number: int,
    episode_title: str,
    chance: random.Random,
    constant: int,
) -> dict[str, object]:
    """Return what a template may name; year and id are the same for all files of a folder."""
    return {
        "t": style.spell(title.text),
        "n": number,
        "m": number + style.span - 1,
        "e": style.spell(episode_title),
        "y": 1980 + constant % 45,
        "crc": f"{chance.getrandbits(32):08X}",
        "id": 10_000 + constant % 400_000,
        "video": "".join(chance.choices(_ID_CHARACTERS, k=11)),
        "day": f"{1 + (number - 1) // 28 % 12:02d}-{1 + (number - 1) % 28:02d}",
        "english": title.english,
        "end": " END" if number == style.first + EPISODES - 1 else "",
    }


def write_dots(text: str) -> str:
    """Return a title as dotted names write it."""
    return text.replace(" ", ".")


def write_underscores(text: str) -> str:
    """Return a title as underscored names write it."""
    return text.replace(" ", "_")


def write_hyphens(text: str) -> str:
    """Return a title as the names of some sites write it."""
    return text.replace(" ", "-")


def fits_dots(title: Title) -> bool:
    """Whether dots stand for spaces only."""
    return "." not in title.text


def fits_underscores(title: Title) -> bool:
    """Whether underscores stand for spaces only."""
    return "_" not in title.text


def fits_hyphens(title: Title) -> bool:
    """Whether hyphens stand for spaces only."""
    return "-" not in title.text


def ends_in_cjk(title: Title) -> bool:
    """Whether a number may be glued to the title, as in `名侦探柯南01`."""
    return bool(re.search(r"[\u3040-\u30ff\u3400-\u9fff]$", title.text))


def has_no_number_first(title: Title) -> bool:
    """Whether the title is unlike a numbered season (`24_name`), as `07-Ghost` is like one."""
    return not re.match(r"\d+\s?[-_.]", title.text)


def has_no_number(title: Title) -> bool:
    """Whether a film's name without a year holds no number that may be an episode's."""
    return not re.search(r"\d", title.text)


def has_english(title: Title) -> bool:
    """Whether the English title is known."""
    return title.english is not None

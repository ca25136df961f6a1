"""Reads the parts of a film or episode: `Film CD2`, `Film - part2`, `Film-disc2`."""

import re
from pathlib import PurePosixPath
from typing import NamedTuple

from whenanime_pipeline.core.library.episode import EpisodeName

_PART = re.compile(
    r"(?:\s-\s|[-._]|\s(?=cd|dis[ck]))(?:cd\s?|dis[ck]\s?|dvd|part[._-]?|pt[._-]?)(\d{1,2})$", re.I
)
_PART_FOLDER = re.compile(r"(?:cd|dis[ck]|dvd|part|pt)[\s._-]*(\d{1,2})", re.IGNORECASE)
_MARK = re.compile(r"part(\d{1,2})")


class StemPart(NamedTuple):
    """A stem that ends with a part.

    Attributes:
        before: Stem without the part.
        number: Number of the part.
    """

    before: str
    number: int

    @property
    def mark(self) -> str:
        """The part as it stands in `EpisodeName.mark`."""
        return make_part_mark(self.number)


def split_part(stem: str) -> StemPart | None:
    """Return what a stem says before its part, and the part; None where it names none."""
    found = _PART.search(stem)
    return StemPart(stem[: found.start()], int(found[1])) if found else None


def make_part_mark(number: int) -> str:
    """Return the mark of a part in `EpisodeName.mark`."""
    return f"part{number}"


def read_part_number(name: EpisodeName) -> int | None:
    """Return the number of a part that may be joined with others; None for other names.

    Films and numbered episodes are joined, never specials and extras.
    """
    if name.mark is None or name.kind == "special":
        return None
    found = _MARK.fullmatch(name.mark)
    return int(found[1]) if found and (name.kind == "film" or name.number is not None) else None


def find_film_folder(path: str, number: int) -> str:
    """Return the folder of a part's film: `Film` for `Film/CD2/film-cd2.avi`.

    Args:
        path: Path of the part with `/` between the folders.
        number: Number of the part; a folder of another number stays.
    """
    folder = PurePosixPath(path).parent
    found = _PART_FOLDER.fullmatch(folder.name)
    return str(folder.parent if found and int(found[1]) == number else folder)


def drop_part(path: str) -> str:
    """Return the path of a part without the words that name the part."""
    pure = PurePosixPath(path)
    part = split_part(pure.stem)
    return str(pure.with_name(part.before + pure.suffix)) if part and part.before else path

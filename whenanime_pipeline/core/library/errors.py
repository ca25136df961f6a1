"""What can go wrong with a library: errors end the work, problems belong to one file or folder."""

from dataclasses import dataclass
from unicodedata import category


class LibraryError(Exception):
    """A folder, file or table of the library cannot be used at all.

    Attributes:
        path: What could not be used, as the user knows it.
        reason: Why, and what to do about it.
    """

    def __init__(self, path: object, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}")


class FingerprintError(LibraryError):
    """A video could not be read to be recognised."""


class CatalogueError(LibraryError):
    """The stored catalogue cannot be read or written."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong with one file or folder, while the rest goes on.

    Attributes:
        path: Relative to the videos folder, `/` between the parts; `.` is the folder itself.
        reason: Why, and what to do about it.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        """One printable line, `path: reason`: names may hold line breaks and broken characters."""
        return escape_unprintable(f"{self.path}: {self.reason}")


def escape_unprintable(text: str) -> str:
    """Text on one line, with what a terminal cannot show, or would obey, written as escapes.

    Spaces of other scripts stay: Python counts the ideographic one, which stands in many a
    Japanese name, as not printable.
    """
    return "".join(
        char if char.isprintable() or category(char) == "Zs" else ascii(char)[1:-1] for char in text
    )

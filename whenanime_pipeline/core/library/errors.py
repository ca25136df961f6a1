"""Errors that end the work on a library, and problems of single files or folders."""

from dataclasses import dataclass
from unicodedata import category


class LibraryError(Exception):
    """A folder, file or table of the library cannot be used at all.

    Attributes:
        path: Path that cannot be used, as the user knows it.
        reason: Cause, and what to do about it.
    """

    def __init__(self, path: object, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}")


class FingerprintError(LibraryError):
    """A video could not be read for its fingerprint."""


class CatalogueError(LibraryError):
    """The stored catalogue cannot be read or written."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A problem with one file or folder that does not affect the others.

    Attributes:
        path: Path relative to the videos folder with `/` between the parts; `.` for the folder
            itself.
        reason: Cause, and what to do about it.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        """Return one printable line, `path: reason`; names may hold line breaks and broken text."""
        return escape_unprintable(f"{self.path}: {self.reason}")


def escape_unprintable(text: str) -> str:
    """Return text on one line, with control and unprintable characters as escapes.

    For terminals and logs. All spaces stay: Python counts the ideographic space, which is common in
    Japanese names, as unprintable.
    """
    return "".join(
        char if char.isprintable() or category(char) == "Zs" else ascii(char)[1:-1] for char in text
    )

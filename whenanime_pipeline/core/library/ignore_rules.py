"""Which files are left out of the library: `.ignore` files as in Jellyfin, and the configuration.

An empty `.ignore` file leaves out its folder with all below; another one lists patterns as a
`.gitignore` does (Jellyfin documents both). Deeper rules win over those above them.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

IGNORE_FILE = ".ignore"
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """Patterns that hold below some folders.

    Attributes:
        specs: Folders, each with a final `/` or empty for the videos folder, and their patterns;
            the deepest first.
    """

    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def extend(self, folder: str, patterns: Sequence[str]) -> "IgnoreRules":
        """Return these rules and those of a folder below.

        Args:
            folder: Path relative to the videos folder; empty for that itself.
            patterns: Lines of a `.gitignore`.

        Raises:
            ValueError: A line is no pattern; the message quotes it.
        """
        spec = GitIgnoreSpec.from_lines(_normalise(line) for line in patterns)
        return IgnoreRules(((f"{folder}/" if folder else "", spec), *self.specs))

    def is_ignored(self, path: str, *, is_folder: bool) -> bool:
        """Whether a file or folder is left out, where the folders above it are not.

        Args:
            path: Path relative to the videos folder.
            is_folder: Whether it is a folder.
        """
        for folder, spec in self.specs:
            own = _normalise(path.removeprefix(folder)) + ("/" if is_folder else "")
            decision = spec.check_file(own).include
            if decision is not None:
                return decision
        return False


def parse_ignore_file(path: Path) -> list[str]:
    """Return the patterns of a `.ignore` file; `*` for an empty one.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        text = file.read(_MAX_BYTES).decode("utf-8-sig", "replace")
    return text.splitlines() if text.strip() else ["*"]


def _normalise(text: str) -> str:
    """Return text in one Unicode form: some disks store names in another than people type."""
    return unicodedata.normalize("NFC", text)

"""Which files are left out of the library: `.ignore` files as in Jellyfin, and the configuration.

An empty `.ignore` file leaves out its folder with all below; another one lists patterns as a
`.gitignore` does (Jellyfin documents both). Deeper rules win over those above them.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from whenanime_pipeline.core.library.errors import Problem

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


def read_ignore_file(
    root: Path, folder: str, rules: IgnoreRules
) -> tuple[IgnoreRules, list[Problem]]:
    """Read the `.ignore` file of a folder.

    Args:
        root: Videos folder.
        folder: Path of the folder relative to it; empty for the videos folder itself.
        rules: Rules of the folders above.

    Returns:
        Rules that hold in the folder, and a warning where lines are no patterns.

    Raises:
        OSError: The file cannot be read.
    """
    path = f"{folder}/{IGNORE_FILE}" if folder else IGNORE_FILE
    with (root / path).open("rb") as file:
        text = file.read(_MAX_BYTES).decode("utf-8-sig", "replace")
    lines = text.splitlines() if text.strip() else ["*"]
    bad = [line for line in lines if not _is_pattern(line)]
    extended = rules.extend(folder, [line for line in lines if line not in bad])
    reason = f"these lines are no patterns and do nothing: {', '.join(bad)}"
    return extended, [Problem(path, reason)] if bad else []


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _normalise(text: str) -> str:
    """Return text in one Unicode form: some disks store names in another than people type."""
    return unicodedata.normalize("NFC", text)

"""Runs a parser over folders, and counts wrong names and lost files."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from benchmarks.support.names.expectation import describe, find_differences
from benchmarks.support.names.parsers import NameFiles
from benchmarks.support.names.style import Folder
from whenanime_pipeline.core.library.episode import EpisodeName
from whenanime_pipeline.core.library.identity.keys import build_episode_key

ROOT_TITLE = "Videos"
"""Name of the library's root, which is no series."""


@dataclass(slots=True)
class StyleResult:
    """Counts of one style.

    Attributes:
        files: named files.
        wrong: files with a wrong field.
        lost: files whose key an earlier file of their folder has.
        titles: titles that were used.
        wrong_titles: those with a wrong file.
        fields: how often each field was wrong.
        first: the first wrong path, with what was found and what is right.
    """

    files: int = 0
    wrong: int = 0
    lost: int = 0
    titles: set[str] = field(default_factory=set)
    wrong_titles: set[str] = field(default_factory=set)
    fields: Counter[str] = field(default_factory=Counter)
    first: str = ""


@dataclass(frozen=True, slots=True)
class WrongName:
    """A file with a wrong name: its path, the wrong fields' values, and the right ones."""

    path: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Results by the name of the style, and the wrong names of the styles that were asked for."""

    styles: dict[str, StyleResult]
    wrong: list[WrongName]

    @property
    def files(self) -> int:
        """Named files in all."""
        return sum(result.files for result in self.styles.values())


def compare_folders(
    name_files: NameFiles, folders: Iterable[Folder], listed: str | None = None
) -> Comparison:
    """Name the files of each folder, which is a library of its own, and compare.

    Args:
        name_files: the parser.
        folders: to name.
        listed: style whose wrong names are returned.
    """
    comparison = Comparison({}, [])
    for folder in folders:
        result = comparison.styles.setdefault(folder.style, StyleResult())
        named = name_files([path for path, _ in folder.files], ROOT_TITLE)
        wrong = _find_wrong(folder, named)
        result.files += len(folder.files)
        result.wrong += len(wrong)
        result.titles.add(folder.title)
        keys = {build_episode_key(name) for name in named.values()}
        result.lost += len(named) - len(keys)
        for fields, name in wrong:
            result.wrong_titles.add(folder.title)
            result.fields.update(fields)
            result.first = result.first or f"{name.path}: {name.found}, not {name.expected}"
            if folder.style == listed:
                comparison.wrong.append(name)
    return comparison


def _find_wrong(
    folder: Folder, named: Mapping[str, EpisodeName]
) -> list[tuple[list[str], WrongName]]:
    wrong = []
    for path, expected in folder.files:
        parsed = named.get(path)
        if fields := find_differences(expected, parsed):
            found = WrongName(path, describe(parsed, fields), describe(expected, fields))
            wrong.append((fields, found))
    return wrong

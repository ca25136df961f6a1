"""Sections: derived data of the episodes that a snapshot carries next to its index.

A section is planned, written, checked and published together with the index, and an unchanged one
is linked from the published snapshot. Local features are the first; another one is a class with
these members, listed in `section_list`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from whenanime_pipeline.core.files import compute_checksum
from whenanime_pipeline.core.search.snapshot.manifest import Content, Manifest, StoredFile


@dataclass(frozen=True, slots=True)
class SectionSource:
    """What a section is planned and written from.

    Attributes:
        contents: contents of the next snapshot, by ordinal.
        sequence: number of the next snapshot.
        parent: the published snapshot that the next one builds on; None when there is none.
        parent_folder: its folder.
    """

    contents: tuple[Content, ...]
    sequence: int
    parent: Manifest | None = None
    parent_folder: Path | None = None

    def parent_entry(self, name: str) -> JsonValue:
        """Return the published snapshot's entry of a section; None when it has none."""
        return self.parent.sections.get(name) if self.parent else None


class Section(Protocol):
    """One kind of derived data."""

    @property
    def name(self) -> str:
        """Key in the manifest, and the folder in the snapshot."""

    def identify(self, source: SectionSource) -> JsonValue:
        """Return what the section will hold, as plain values; None for nothing.

        Snapshots whose sections and index hold the same have the same id, and none is built again.
        """

    def write(self, folder: Path, source: SectionSource) -> JsonValue:
        """Write the section's files below `folder / name`, flushed to the disk.

        Returns:
            The manifest's entry, from which readers find the files; None when there are none.

        Raises:
            SearchError: a stored file is damaged; the message names it.
            OSError: the disk is full or cannot be written.
        """

    def check(self, folder: Path, manifest: Manifest) -> Sequence[str]:
        """Return the files that do not hold what the manifest says, relative to the snapshot."""

    def count(self, manifest: Manifest) -> Mapping[str, int]:
        """Count what the manifest's entry describes, by plural nouns, for people to read.

        Only called when the manifest has an entry of the section.
        """


def identify_sections(sections: Iterable[Section], source: SectionSource) -> dict[str, JsonValue]:
    """Return what each section will hold, without those that hold nothing."""
    held = {section.name: section.identify(source) for section in sections}
    return {name: value for name, value in held.items() if value is not None}


def write_sections(
    sections: Iterable[Section], folder: Path, source: SectionSource
) -> dict[str, JsonValue]:
    """Write all sections below a folder; return the manifest's entries."""
    written = {section.name: section.write(folder, source) for section in sections}
    return {name: entry for name, entry in written.items() if entry is not None}


def count_sections(sections: Iterable[Section], manifest: Manifest) -> dict[str, Mapping[str, int]]:
    """Count what a snapshot holds of each section that it has, by plural nouns."""
    return {
        section.name: section.count(manifest)
        for section in sections
        if section.name in manifest.sections
    }


def list_section_files(
    folder: Path, names: Iterable[str], parent: Manifest | None, parent_folder: Path | None
) -> Iterator[StoredFile]:
    """Yield the files of sections with their checksums.

    Args:
        folder: the snapshot.
        names: names of its sections.
        parent: the published snapshot; files that are links to its own are not read again.
        parent_folder: its folder.
    """
    known = {file.path: file for file in (parent.files if parent else ())}
    for name in sorted(names):
        for file in sorted(path for path in (folder / name).rglob("*") if path.is_file()):
            path = file.relative_to(folder).as_posix()
            if parent_folder and path in known and _is_same_file(file, parent_folder / path):
                yield known[path]
            else:
                yield StoredFile(
                    path=path, bytes=file.stat().st_size, checksum=compute_checksum(file)
                )


def find_section_problems(
    sections: Iterable[Section], folder: Path, manifest: Manifest
) -> dict[str, tuple[str, ...]]:
    """Return the wrong files of each section that has some."""
    found = {section.name: tuple(section.check(folder, manifest)) for section in sections}
    return {name: paths for name, paths in found.items() if paths}


def _is_same_file(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except FileNotFoundError:
        return False

"""Sections: derived data of the episodes that a snapshot carries next to its index.

A section is planned, written, checked and published together with the index, and an unchanged one
is linked from the published snapshot. Local features are the first; another one is a class with
these members, listed in `core.section_list`.
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
    """Inputs of a section.

    Attributes:
        contents: contents of the next snapshot, by ordinal.
        sequence: number of the next snapshot.
        parent: manifest of the published snapshot; None without one.
        parent_folder: its folder.
    """

    contents: tuple[Content, ...]
    sequence: int
    parent: Manifest | None = None
    parent_folder: Path | None = None

    def parent_entry(self, name: str) -> JsonValue:
        """Return the published snapshot's entry of a section; None if it has none."""
        return self.parent.sections.get(name) if self.parent else None


class Section(Protocol):
    """A kind of derived data."""

    @property
    def name(self) -> str:
        """Key in the manifest, and name of the folder in the snapshot."""

    def identify(self, source: SectionSource) -> JsonValue:
        """Return the identity of the section's data, as plain values; None for an empty section.

        It is part of the snapshot's id, so that a snapshot with the same data is not built again.
        """

    def write(self, folder: Path, source: SectionSource) -> JsonValue:
        """Write the section's files below `folder / name`, flushed to the disk.

        Returns:
            Entry in the manifest, by which readers find the files; None if there are none.

        Raises:
            SearchError: a stored file is damaged; the message names it.
            OSError: the disk is full or cannot be written.
        """

    def check(self, folder: Path, manifest: Manifest) -> Sequence[str]:
        """Return the files that differ from the manifest, relative to the snapshot."""

    def count(self, manifest: Manifest) -> Mapping[str, int]:
        """Count what the manifest's entry describes, by plural nouns, for people to read.

        Only called when the manifest has an entry of the section.
        """


def identify_sections(sections: Iterable[Section], source: SectionSource) -> dict[str, JsonValue]:
    """Return the identities of all sections that are not empty, by name."""
    held = {section.name: section.identify(source) for section in sections}
    return {name: value for name, value in held.items() if value is not None}


def write_sections(
    sections: Iterable[Section], folder: Path, source: SectionSource
) -> dict[str, JsonValue]:
    """Write all sections into a folder, and return their entries in the manifest."""
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
        folder: folder of the snapshot.
        names: names of its sections.
        parent: manifest of the published snapshot; checksums of linked files are taken from it.
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
    """Return section → its wrong files, for sections that have any."""
    found = {section.name: tuple(section.check(folder, manifest)) for section in sections}
    return {name: paths for name, paths in found.items() if paths}


def _is_same_file(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except FileNotFoundError:
        return False

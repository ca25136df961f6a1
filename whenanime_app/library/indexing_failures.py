"""Lists the files of the catalogue that could not be indexed."""

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ValidationError

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.messages import Message
from whenanime_pipeline.core.search.frames.failure_notes import read_failure

MAX_SHOWN_FAILURES = 50
"""The page shows no more than these; `whenanime index` lists all."""


@dataclass(frozen=True, slots=True)
class IndexingFailure:
    """A file without frames.

    Attributes:
        filename: without its folders.
        reason: why it could not be read.
    """

    filename: str
    reason: Message


class _CatalogueFile(BaseModel):
    path: str
    fingerprint: str


class _CatalogueEpisodes(BaseModel):
    episodes: list[_CatalogueFile]


class _CatalogueDocument(BaseModel):
    """The part of the catalogue file that is needed here."""

    catalogue: _CatalogueEpisodes


def list_failures(home: Path, indexed_fingerprints: frozenset[str]) -> list[IndexingFailure]:
    """Return the files of the catalogue that could not be read, by name.

    Args:
        home: the library's folder; without a catalogue, as with a snapshot alone, nothing failed.
        indexed_fingerprints: fingerprints in the index; an earlier failure of theirs does not
            count.
    """
    place = Home(home)
    try:
        stored = _CatalogueDocument.model_validate_json(place.catalogue_file.read_bytes())
    except (OSError, ValidationError):
        return []
    names = {file.fingerprint: PurePosixPath(file.path).name for file in stored.catalogue.episodes}
    found: dict[str, IndexingFailure] = {}
    for note in place.root.glob("frames/*/*.failed.json"):
        fingerprint = note.name.removesuffix(".failed.json")
        if fingerprint not in names or fingerprint in indexed_fingerprints:
            continue
        reason = _read_reason(note)
        if reason is not None:
            found[fingerprint] = IndexingFailure(names[fingerprint], reason)
    return sorted(found.values(), key=lambda failure: failure.filename)


def _read_reason(note: Path) -> Message | None:
    try:
        return read_failure(note)
    except (OSError, json.JSONDecodeError, KeyError):
        return None

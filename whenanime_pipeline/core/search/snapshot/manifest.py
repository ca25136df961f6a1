"""The contract between pipeline and app, as data: what a snapshot says about itself."""

from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError, model_validator

from whenanime_pipeline.core.search.errors import SnapshotError, SnapshotMessage
from whenanime_pipeline.core.settings import IndexOptions

SCHEMA_VERSION = 1
MANIFEST_FILE = "manifest.json"
EPISODES_FILE = "episodes.parquet"
LATEST_FILE = "LATEST"
LOCAL = "local"
"""Name of the section of local features."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class StoredFile(_Record):
    """A file of a snapshot, relative to its folder."""

    path: str
    bytes: int
    checksum: str | None = None
    """BLAKE2b-128; None for frames, whose name is the fingerprint of what they came from."""


class IndexSegment(_Record):
    """A part of the index: a file that holds `count` live vectors."""

    path: str
    count: int


class Content(_Record):
    """What one video shows, whatever it is called: its frames under one way of sampling."""

    ordinal: int
    fingerprint: str
    sampling_id: str
    fps: float
    frames: int

    @property
    def identity(self) -> tuple[str, str]:
        """How it was sampled, and what it was made from."""
        return self.sampling_id, self.fingerprint

    @property
    def path(self) -> str:
        """Where its frames stand in the snapshot."""
        return f"frames/{self.ordinal}.arrow"


class LocalSegment(_Record):
    """An inverted file of local features: a folder of arrays, and what is in it.

    Attributes:
        path: the folder, relative to the snapshot's.
        contents: by ordinal, how many features each content has in it; some may be gone since.
    """

    path: str
    contents: dict[int, int]

    @property
    def feature_count(self) -> int:
        """Of all its contents."""
        return sum(self.contents.values())


class LocalSection(_Record):
    """The local features of a snapshot.

    Attributes:
        id: how they were made; only a program that makes them so can search them.
        segments: the files, the largest first.
    """

    id: str
    segments: tuple[LocalSegment, ...]


class Manifest(_Record):
    """A snapshot's table of contents.

    Attributes:
        schema_version: of this layout.
        id: the snapshot's name, `<sequence>-<held_id>`.
        held_id: hash of everything it holds; snapshots that answer alike share it.
        sequence: 1 for the first snapshot of a home, then counting.
        parent: the snapshot that was published when it was made, and that it takes the place of.
        created: ISO 8601, UTC.
        model_id: of the model all vectors come from.
        dimension: components of a vector.
        index: the options the graph was built with.
        next_content: the ordinal the next new content gets; ordinals are never used again.
        segments: the parts of the index.
        sections: by name, where each section's data are; see `sections`.
        contents: all contents, by ordinal.
        files: all files but this one.
    """

    schema_version: int
    id: str
    held_id: str
    sequence: int
    parent: str | None
    created: str
    model_id: str
    dimension: int
    index: IndexOptions
    next_content: int
    segments: tuple[IndexSegment, ...]
    sections: dict[str, JsonValue] = {}
    contents: tuple[Content, ...]
    files: tuple[StoredFile, ...]

    @model_validator(mode="before")
    @classmethod
    def _read_older_local(cls, value: object) -> object:
        """Read local features where older snapshots name them: in a field of their own."""
        if isinstance(value, dict) and value.get("local") is not None and "sections" not in value:
            return value | {"sections": {LOCAL: value["local"]}}
        return value

    @cached_property
    def local(self) -> LocalSection | None:
        """The local features; None in snapshots without any."""
        entry = self.sections.get(LOCAL)
        return None if entry is None else LocalSection.model_validate(entry)

    @property
    def vector_count(self) -> int:
        """Live vectors."""
        return sum(segment.count for segment in self.segments)


class _Version(BaseModel):
    schema_version: int


def read_manifest(folder: Path) -> Manifest:
    """Read a snapshot's manifest.

    Args:
        folder: the snapshot.

    Raises:
        SnapshotError: it is missing, damaged or from a newer version.
    """
    path = folder / MANIFEST_FILE
    try:
        text = path.read_text(encoding="utf-8")
        version = _Version.model_validate_json(text).schema_version
        if version > SCHEMA_VERSION:
            raise SnapshotError(
                SnapshotMessage.NEWER_SNAPSHOT(
                    path=str(path), version=version, supported=SCHEMA_VERSION
                )
            )
        return Manifest.model_validate_json(text)
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        raise SnapshotError(f"{path}: damaged: {error}") from error


def parse_sequence(snapshot_id: str) -> int | None:
    """Return the number that a snapshot's name begins with; None when it is no such name."""
    number = snapshot_id.split("-")[0]
    return int(number) if number.isdecimal() else None


def read_latest_id(snapshots: Path) -> str | None:
    """Return the id of the published snapshot, None when nothing is published yet.

    Raises:
        OSError: the pointer cannot be read.
    """
    try:
        text = (snapshots / LATEST_FILE).read_text(encoding="utf-8", errors="replace")
        # A damaged pointer names a snapshot that is missing, and no path that is none.
        return text.strip().replace("\0", "\ufffd") or None
    except FileNotFoundError:
        return None

"""The manifest of a snapshot: the contract between pipeline and app."""

from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    JsonValue,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

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
    """BLAKE2b-128; None for frames files."""


class IndexSegment(_Record):
    """A part of the index: a file with `count` live vectors."""

    path: str
    count: int


class LeftOut(_Record):
    """The frames of a content that are stored, but are not in the index.

    Attributes:
        spans: seconds of the start and of the end of each stretch that is left out.
        ranges: ordinals of the first frame and of the one after the last frame of each run of
            frames that are shown within the spans alone.
    """

    spans: tuple[tuple[float, float], ...]
    ranges: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        """Number of frames."""
        return sum(last - first for first, last in self.ranges)


class Content(_Record):
    """The frames of a video under one sampling, independent of its name."""

    ordinal: int
    fingerprint: str
    sampling_id: str
    fps: float
    frames: int
    left_out: LeftOut | None = None
    """Frames that the index leaves out."""

    @model_serializer(mode="wrap")
    def _dump(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave the field out where it says nothing, as in snapshots from before it."""
        fields: dict[str, Any] = dump(self)
        return fields if self.left_out else {k: v for k, v in fields.items() if k != "left_out"}

    @property
    def indexed(self) -> int:
        """Number of its frames that are in the index."""
        return self.frames - (self.left_out.count if self.left_out else 0)

    @property
    def identity(self) -> tuple[str, str]:
        """Ids of the sampling and of the video's bytes."""
        return self.sampling_id, self.fingerprint

    @property
    def path(self) -> str:
        """Path of its frames file in the snapshot."""
        return f"frames/{self.ordinal}.arrow"


class LocalSegment(_Record):
    """An inverted file of local features.

    Attributes:
        path: its folder of arrays, relative to the snapshot's.
        contents: ordinal of a content → number of its features; also of contents removed since.
    """

    path: str
    contents: dict[int, int]

    @property
    def feature_count(self) -> int:
        """Number of features of all its contents."""
        return sum(self.contents.values())


class LocalSection(_Record):
    """The local features of a snapshot.

    Attributes:
        id: id of the extraction; only a program with the same id can search them.
        segments: inverted files, largest first.
    """

    id: str
    segments: tuple[LocalSegment, ...]


class Manifest(_Record):
    """A snapshot's table of contents.

    Attributes:
        schema_version: version of this layout.
        id: id of the snapshot, `<sequence>-<held_id>`.
        held_id: hash of the snapshot's content; equal snapshots have the same one.
        sequence: number of the snapshot, from 1.
        parent: id of the snapshot that it replaces.
        created: time of creation, ISO 8601, UTC.
        model_id: id of the model of all vectors.
        dimension: dimension of the vectors.
        index: options of the graph.
        next_content: ordinal of the next new content; ordinals are never reused.
        segments: parts of the index.
        sections: name → entry of a section, by which readers find its data.
        contents: all contents, by ordinal.
        files: all files except the manifest.
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
        """Read the local features of older snapshots, which have a field of their own."""
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
        """Number of live vectors."""
        return sum(segment.count for segment in self.segments)


class _Version(BaseModel):
    schema_version: int


def read_manifest(folder: Path) -> Manifest:
    """Read a snapshot's manifest.

    Args:
        folder: folder of the snapshot.

    Raises:
        SnapshotError: the manifest is missing, damaged or of a newer version.
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
    """Return the sequence number of a snapshot's id; None if it is no such id."""
    number = snapshot_id.split("-")[0]
    return int(number) if number.isdecimal() else None


def read_latest_id(snapshots: Path) -> str | None:
    """Return the id of the published snapshot; None if nothing is published.

    Raises:
        OSError: the pointer cannot be read.
    """
    try:
        text = (snapshots / LATEST_FILE).read_text(encoding="utf-8", errors="replace")
        # A damaged pointer is returned as the id of a missing snapshot, but never as another path.
        return text.strip().replace("\0", "\ufffd") or None
    except FileNotFoundError:
        return None

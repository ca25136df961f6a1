"""Stores the training frames of one video, JPEGs with thumbnails and hashes, in one mapped file.

The file also has the video's *sketch*, the hashes of all its distinct indexed pictures, by which
frames of other videos that show the same picture are found.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.options import FrameOptions
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.pictures import THUMBNAIL_SHAPE

_BATCH = 64  # rows held in memory while writing: 1080p frames are half a megabyte each
_VERSION = "1"
_SCHEMA = pa.schema(
    [
        pa.field("picture", pa.binary(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("second", pa.float64(), nullable=False),
        pa.field("thumbnail", pa.binary(THUMBNAIL_SHAPE[0] * THUMBNAIL_SHAPE[1]), nullable=False),
        pa.field("hash", pa.uint64(), nullable=False),
    ],
    metadata={"whenanime.training_frames": _VERSION},
)


def training_frames_file(home: Home, fingerprint: str) -> Path:
    """Return the file of a video's training frames."""
    return home.dataset / "frames" / f"{fingerprint}.arrow"


def compute_digest(picture: bytes) -> str:
    """Return the digest of an encoded picture, 16 hex digits."""
    return blake2b(picture, digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class TrainingFrame:
    """One stored frame.

    Attributes:
        picture: JPEG of the frame.
        second: time from the video's start, in seconds.
        thumbnail: `(36, 64)` gray thumbnail.
        hash: perceptual hash, 64 bits.
    """

    picture: bytes
    second: float
    thumbnail: NDArray[np.uint8]
    hash: int


@dataclass(frozen=True, slots=True)
class TrainingFramesMetadata:
    """Metadata of a file of training frames.

    Attributes:
        options: options it was made with.
        sampling: id of the sampling that the sketch was made with.
        flat: number of flat frames, which are not stored.
        warnings: warnings to show, a sentence each.
    """

    options: FrameOptions
    sampling: str
    flat: int
    warnings: tuple[str, ...]


class TrainingFramesWriter:
    """Writes training frames one by one; the file is complete only after `finish`."""

    def __init__(self, path: Path) -> None:
        """Open `path` for writing; the caller renames it when it is complete."""
        self._writer = pa.ipc.new_file(str(path), _SCHEMA)
        self._rows: list[TrainingFrame] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def add(self, row: TrainingFrame) -> None:
        """Append a frame."""
        if len(self._rows) == _BATCH:
            self._writer.write_batch(self._batch())
        self._rows.append(row)

    def finish(self, note: TrainingFramesMetadata, sketch: NDArray[np.uint64]) -> None:
        """Write the last rows and the metadata.

        Args:
            note: metadata of the file.
            sketch: `(k,)` hashes of the video's distinct pictures.
        """
        metadata = {b"note": json.dumps(asdict(note)).encode(), b"sketch": sketch.tobytes()}
        self._writer.write_batch(self._batch(), custom_metadata=metadata)

    def _batch(self) -> pa.RecordBatch:
        rows, self._rows = self._rows, []
        columns: list[Sequence[object]] = [
            [row.picture for row in rows],
            [compute_digest(row.picture) for row in rows],
            [row.second for row in rows],
            [row.thumbnail.tobytes() for row in rows],
            [row.hash for row in rows],
        ]
        arrays = [pa.array(c, field.type) for c, field in zip(columns, _SCHEMA, strict=True)]
        return pa.record_batch(arrays, schema=_SCHEMA)


class StoredTrainingFrames:
    """A mapped file of training frames; reading one picture reads that picture only."""

    def __init__(self, path: Path) -> None:
        """Map the file.

        Raises:
            DatasetError: it is missing, damaged or from another version.
        """
        self.path = path
        try:
            self._source = pa.memory_map(str(path))
            file = pa.ipc.open_file(self._source)
            version = (file.schema.metadata or {}).get(b"whenanime.training_frames")
            if version != _VERSION.encode():
                raise DatasetError(f"{path}: training frames of version {version!r}")
            last = file.get_batch_with_custom_metadata(file.num_record_batches - 1)
            self.metadata = _parse_metadata(json.loads(last.custom_metadata[b"note"]))
            sketch = bytes(last.custom_metadata[b"sketch"])
            self.sketch: NDArray[np.uint64] = np.frombuffer(sketch, np.uint64)
            self._table = file.read_all()
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise DatasetError(f"{path}: not a whole file of training frames: {error}") from error

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the mapping; values read before stay valid."""
        self._source.close()

    def picture(self, row: int) -> bytes:
        """Return a frame's JPEG.

        Raises:
            IndexError: there is no such frame.
        """
        value: bytes = self._table.column("picture")[row].as_py()
        return value

    @cached_property
    def digests(self) -> list[str]:
        """Digests of the frames' JPEGs."""
        values: list[str] = self._table.column("digest").to_pylist()
        return values

    @cached_property
    def seconds(self) -> NDArray[np.float64]:
        """`(n,)` times of the frames, in seconds from the video's start."""
        return np.array(self._table.column("second").to_pylist(), np.float64)

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """`(n,)` perceptual hashes."""
        return np.array(self._table.column("hash").to_pylist(), np.uint64)

    @cached_property
    def thumbnails(self) -> NDArray[np.uint8]:
        """`(n, 36, 64)` gray thumbnails."""
        joined = b"".join(self._table.column("thumbnail").to_pylist())
        return np.frombuffer(joined, np.uint8).reshape(-1, *THUMBNAIL_SHAPE)


def _parse_metadata(values: dict[str, Any]) -> TrainingFramesMetadata:
    options, warnings = FrameOptions(**values["options"]), tuple(values["warnings"])
    return TrainingFramesMetadata(**values | {"options": options, "warnings": warnings})

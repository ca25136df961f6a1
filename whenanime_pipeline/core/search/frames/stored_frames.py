"""The stored frames of one video: distinct pictures with their time runs, in one mapped file.

An Arrow IPC file, so that one picture out of thousands is read without touching the others.
Everything after decoding reads these files and never the video.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whenanime_pipeline.core.media.chapters import Chapter, parse_chapters
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.frames.deduplication import DistinctFrame

BATCH = 256
"""Rows a record batch: frame n stands in batch n // 256."""
_SCHEMA_VERSION = b"1"
_SCHEMA = pa.schema(
    [
        pa.field("picture", pa.binary(), nullable=False),
        pa.field("hash", pa.uint64(), nullable=False),
        pa.field("starts", pa.list_(pa.float64()), nullable=False),
        pa.field("ends", pa.list_(pa.float64()), nullable=False),
    ],
    metadata={b"whenanime.frames": _SCHEMA_VERSION},
)


@dataclass(frozen=True, slots=True)
class FramesReport:
    """What came of reading one video.

    Attributes:
        duration: seconds the file lasts, as far as known.
        samples: frames looked at.
        frames: distinct pictures among them.
        missing: seconds that could not be decoded.
        warnings: what a person should know, a sentence each.
        chapters: of the video; none in files of older builds.
    """

    duration: float
    samples: int
    frames: int
    missing: float
    warnings: tuple[str, ...]
    chapters: tuple[Chapter, ...] = ()


class FramesWriter:
    """Writes a frames file as the pictures are settled; memory holds one batch.

    The file is whole, and can be read, only after `finish`.
    """

    def __init__(self, path: Path) -> None:
        """Open `path` for writing; the caller renames it when it is whole."""
        self._writer = pa.ipc.new_file(str(path), _SCHEMA)
        self._rows: list[DistinctFrame] = []
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def add(self, row: DistinctFrame) -> None:
        """Append a settled picture."""
        if len(self._rows) == BATCH:
            self._writer.write_batch(self._batch())
        self._rows.append(row)
        self.count += 1

    def finish(self, report: FramesReport) -> None:
        """Write the last rows and the report."""
        metadata = {b"report": json.dumps(asdict(report)).encode()}
        self._writer.write_batch(self._batch(), custom_metadata=metadata)

    def _batch(self) -> pa.RecordBatch:
        rows, self._rows = self._rows, []
        columns = [
            [row.picture for row in rows],
            [row.hash for row in rows],
            [row.starts for row in rows],
            [row.ends for row in rows],
        ]
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)
        ]
        return pa.record_batch(arrays, schema=_SCHEMA)


class FramesFile:
    """A frames file, mapped: reading one picture costs that picture."""

    def __init__(self, path: Path) -> None:
        """Map the file.

        Raises:
            FramesError: it is missing, damaged or from another version.
        """
        self.path = path
        try:
            self._source = pa.memory_map(str(path))
            self._file = pa.ipc.open_file(self._source)
            version = (self._file.schema.metadata or {}).get(b"whenanime.frames")
            if version != _SCHEMA_VERSION:
                raise FramesError(f"{path}: frames of version {version!r} are not read here")
            last = self._file.num_record_batches - 1
            batch, metadata = self._file.get_batch_with_custom_metadata(last)
            report = json.loads(metadata[b"report"])
            self.report = FramesReport(
                **report
                | {
                    "warnings": tuple(report["warnings"]),
                    "chapters": parse_chapters(report.get("chapters", ())),
                }
            )
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise FramesError(f"{path}: not a whole file of frames: {error}") from error
        self._count = int(last * BATCH + batch.num_rows)
        self._cached_batch: tuple[int, pa.RecordBatch] | None = None

    def __len__(self) -> int:
        return self._count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the mapping back; pictures already read stay valid."""
        self._cached_batch = None
        self._source.close()

    def picture(self, frame: int) -> bytes:
        """Return the encoded picture of a frame.

        Raises:
            IndexError: there is no such frame.
        """
        batch, row = self._at(frame)
        value: bytes = batch.column(0)[row].as_py()
        return value

    def runs(self, frame: int) -> list[tuple[float, float]]:
        """Return when a frame is on screen: seconds of the first and last sample of each run."""
        batch, row = self._at(frame)
        return list(zip(batch.column(2)[row].as_py(), batch.column(3)[row].as_py(), strict=True))

    def read_time_runs(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Return every time run of every frame, without reading a picture.

        Returns:
            Frame, second of its first sample and of its last, a run each, frame by frame.
        """
        frames, starts, ends = [], [], []
        first = 0
        for batch in self.batches():
            runs = batch.column(2).value_lengths().to_numpy()
            frames.append(np.repeat(np.arange(first, first + len(runs)), runs))
            starts.append(batch.column(2).flatten().to_numpy())
            ends.append(batch.column(3).flatten().to_numpy())
            first += len(runs)
        return np.concatenate(frames), np.concatenate(starts), np.concatenate(ends)

    def hashes(self) -> NDArray[np.uint64]:
        """Return the perceptual hash of every frame, without reading a picture."""
        return np.concatenate([batch.column(1).to_numpy() for batch in self.batches()])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all rows in order, 256 at a time."""
        for number in range(self._file.num_record_batches):
            yield self._file.get_batch(number)

    def _at(self, frame: int) -> tuple[pa.RecordBatch, int]:
        if not 0 <= frame < self._count:
            raise IndexError(f"{self.path}: frame {frame} of {self._count}")
        number, row = divmod(frame, BATCH)
        # Neighbours are asked for one after the other, and finding a batch takes six times as long
        # as a picture of it. Threads may replace each other's; each goes on with its own.
        held = self._cached_batch
        if held is None or held[0] != number:
            held = self._cached_batch = number, self._file.get_batch(number)
        return held[1], row


def read_picture(frames: FramesFile, frame: int) -> NDArray[np.uint8]:
    """Return a stored frame, decoded: RGB, `(height, width, 3)`.

    Raises:
        IndexError: there is no such frame.
        FramesError: it cannot be decoded.
    """
    return decode_picture(frames.picture(frame), frames.path)


def decode_picture(data: bytes, path: Path) -> NDArray[np.uint8]:
    """Decode a picture as it is stored: RGB, `(height, width, 3)`.

    Args:
        data: the encoded picture.
        path: the frames file it is from, for the message.

    Raises:
        FramesError: it cannot be decoded.
    """
    try:
        return decode_stored_frame(data)
    except ValueError as error:
        raise FramesError(f"{path}: a stored frame cannot be decoded; delete it") from error

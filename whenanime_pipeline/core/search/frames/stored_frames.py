"""Frames files: the distinct pictures of a video with their time runs, as memory-mapped Arrow IPC.

Reading one picture of thousands does not touch the others. All steps after decoding read these
files and not the video.
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
"""Rows per record batch: frame n is in batch n // 256."""
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
    """Report of extracting the frames of a video.

    Attributes:
        duration: length of the video in seconds; the decoded part if it is unknown.
        samples: number of sampled frames.
        frames: number of distinct pictures among them.
        missing: seconds that could not be decoded.
        warnings: warnings for the operator, a sentence each.
        chapters: chapters of the video; empty in files of older builds.
    """

    duration: float
    samples: int
    frames: int
    missing: float
    warnings: tuple[str, ...]
    chapters: tuple[Chapter, ...] = ()


class FramesWriter:
    """Writes a frames file picture by picture, with one batch in memory.

    The file can be read only after `finish`.
    """

    def __init__(self, path: Path) -> None:
        """Open `path` for writing; the caller renames it when it is complete."""
        self._writer = pa.ipc.new_file(str(path), _SCHEMA)
        self._rows: list[DistinctFrame] = []
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def add(self, row: DistinctFrame) -> None:
        """Append a picture whose time runs are complete."""
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
    """A memory-mapped frames file, for random access to single pictures."""

    def __init__(self, path: Path) -> None:
        """Map the file.

        Raises:
            FramesError: the file is missing, damaged or of another version.
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
        """Unmap the file; pictures already read stay valid."""
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
        """Return the time runs of a frame: seconds of the first and last sample of each."""
        batch, row = self._at(frame)
        return list(zip(batch.column(2)[row].as_py(), batch.column(3)[row].as_py(), strict=True))

    def read_time_runs(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the time runs of all frames, without reading pictures.

        Returns:
            For each run the frame's ordinal, the second of its first and of its last sample,
            `(runs,)` each, sorted by frame.
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
        """Return the perceptual hashes `(frames,)`, without reading pictures."""
        return np.concatenate([batch.column(1).to_numpy() for batch in self.batches()])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all rows in order, 256 at a time."""
        for number in range(self._file.num_record_batches):
            yield self._file.get_batch(number)

    def _at(self, frame: int) -> tuple[pa.RecordBatch, int]:
        if not 0 <= frame < self._count:
            raise IndexError(f"{self.path}: frame {frame} of {self._count}")
        number, row = divmod(frame, BATCH)
        # Callers often read neighbours, and getting a batch takes six times as long as reading a
        # picture of it. Threads may overwrite the cache; each continues with its local reference.
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
    """Decode a stored frame: RGB, `(height, width, 3)`.

    Args:
        data: encoded picture.
        path: its frames file, for the error message.

    Raises:
        FramesError: it cannot be decoded.
    """
    try:
        return decode_stored_frame(data)
    except ValueError as error:
        raise FramesError(f"{path}: a stored frame cannot be decoded; delete it") from error

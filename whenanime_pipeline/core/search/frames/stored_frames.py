"""Frames files: the distinct pictures of a video with their time runs, as memory-mapped Arrow IPC.

Reading one picture of thousands does not touch the others. All steps after decoding read these
files and not the video.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whenanime_pipeline.core.arrow_file import ArrowFormat, ArrowWriter, MappedArrowFile
from whenanime_pipeline.core.media.chapters import Chapter, parse_chapters
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame
from whenanime_pipeline.core.search.errors import FramesError
from whenanime_pipeline.core.search.frames.deduplication import DistinctFrame

BATCH = 256
"""Rows of a record batch."""
_VERSION = b"1"
_FORMAT = ArrowFormat(
    name="stored frames",
    schema=pa.schema(
        [
            pa.field("picture", pa.binary(), nullable=False),
            pa.field("hash", pa.uint64(), nullable=False),
            pa.field("starts", pa.list_(pa.float64()), nullable=False),
            pa.field("ends", pa.list_(pa.float64()), nullable=False),
        ]
    ),
    mark=b"whenanime.frames",
    batch_rows=BATCH,
    error=FramesError,
    make="index",
    renew="delete it and index again",
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


class FramesWriter(ArrowWriter):
    """Writes a frames file as the pictures are settled; it can be read only after `finish`."""

    def __init__(self, path: Path) -> None:
        """Prepare to write `path`, which appears at the end of the `with` block."""
        super().__init__(path, _FORMAT, _VERSION)

    def add(self, row: DistinctFrame) -> None:
        """Append a settled picture."""
        self.add_row(row.picture, row.hash, row.starts, row.ends)

    def finish(self, report: FramesReport) -> None:
        """Add the report to the last rows."""
        self.last_metadata = {b"report": json.dumps(asdict(report)).encode()}


class FramesFile(MappedArrowFile):
    """A frames file, mapped: reading one picture costs that picture.

    Attributes:
        report: what came of reading the video.
    """

    def __init__(self, path: Path) -> None:
        """Map the file.

        Raises:
            FramesError: the file is missing, damaged or of another version.
        """
        super().__init__(path, _FORMAT)
        with _FORMAT.explain_errors(path):
            if self.mark != _VERSION:
                raise ValueError(f"its version is {self.mark!r}")
            self.report = _parse_report(json.loads(self.last_metadata[b"report"]))

    def picture(self, frame: int) -> bytes:
        """Return the encoded picture of a frame.

        Raises:
            IndexError: there is no such frame.
        """
        value: bytes = self.value("picture", frame)
        return value

    def runs(self, frame: int) -> list[tuple[float, float]]:
        """Return when a frame is on screen: seconds of the first and last sample of each run."""
        return list(zip(self.value("starts", frame), self.value("ends", frame), strict=True))

    def read_time_runs(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the time runs of all frames, without reading pictures.

        Returns:
            For each run the frame's ordinal, the second of its first and of its last sample,
            `(runs,)` each, sorted by frame.
        """
        frames, starts, ends = [], [], []
        first = 0
        for batch in self.batches():
            runs = batch.column("starts").value_lengths().to_numpy()
            frames.append(np.repeat(np.arange(first, first + len(runs)), runs))
            starts.append(batch.column("starts").flatten().to_numpy())
            ends.append(batch.column("ends").flatten().to_numpy())
            first += len(runs)
        return np.concatenate(frames), np.concatenate(starts), np.concatenate(ends)

    def hashes(self) -> NDArray[np.uint64]:
        """Return the perceptual hash of every frame, without reading a picture."""
        return self.read_numbers("hash")


def _parse_report(values: dict[str, Any]) -> FramesReport:
    warnings, chapters = tuple(values["warnings"]), parse_chapters(values.get("chapters", ()))
    return FramesReport(**values | {"warnings": warnings, "chapters": chapters})


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

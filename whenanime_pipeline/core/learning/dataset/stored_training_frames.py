"""Stores the training frames of one video, JPEGs with thumbnails and hashes, in one mapped file.

The file also has the video's *sketch*, the hashes of all its distinct indexed pictures, by which
frames of other videos that show the same picture are found.
"""

import json
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whenanime_pipeline.core.arrow_file import ArrowFormat, ArrowWriter, MappedArrowFile
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.options import FrameOptions
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.pictures import THUMBNAIL_SHAPE

_VERSION = b"1"
_FORMAT = ArrowFormat(
    name="training frames",
    schema=pa.schema(
        [
            pa.field("picture", pa.binary(), nullable=False),
            pa.field("digest", pa.string(), nullable=False),
            pa.field("second", pa.float64(), nullable=False),
            pa.field("thumbnail", pa.binary(math.prod(THUMBNAIL_SHAPE)), nullable=False),
            pa.field("hash", pa.uint64(), nullable=False),
        ]
    ),
    mark=b"whenanime.training_frames",
    batch_rows=64,  # in memory while writing: 1080p frames are half a megabyte each
    error=DatasetError,
    make="materialise training_frames",
    renew="materialise training_frames again",
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


class TrainingFramesWriter(ArrowWriter):
    """Writes training frames one by one; the file can be read only after `finish`."""

    def __init__(self, path: Path) -> None:
        """Prepare to write `path`, which appears at the end of the `with` block."""
        super().__init__(path, _FORMAT, _VERSION)

    def add(self, row: TrainingFrame) -> None:
        """Append a frame."""
        digest, thumbnail = compute_digest(row.picture), row.thumbnail.tobytes()
        self.add_row(row.picture, digest, row.second, thumbnail, row.hash)

    def finish(self, note: TrainingFramesMetadata, sketch: NDArray[np.uint64]) -> None:
        """Add the metadata to the last rows.

        Args:
            note: metadata of the file.
            sketch: `(k,)` hashes of the video's distinct pictures.
        """
        described = json.dumps(asdict(note)).encode()
        self.last_metadata = {b"note": described, b"sketch": sketch.tobytes()}


class StoredTrainingFrames(MappedArrowFile):
    """A mapped file of training frames; reading one picture reads that picture only.

    Attributes:
        metadata: metadata of the file.
        sketch: `(k,)` hashes of the video's distinct pictures.
    """

    def __init__(self, path: Path) -> None:
        """Map the file.

        Raises:
            DatasetError: it is missing, damaged or from another version.
        """
        super().__init__(path, _FORMAT)
        with _FORMAT.explain_errors(path):
            if self.mark != _VERSION:
                raise ValueError(f"its version is {self.mark!r}")
            self.metadata = _parse_metadata(json.loads(self.last_metadata[b"note"]))
            sketch = self.last_metadata[b"sketch"]
            self.sketch: NDArray[np.uint64] = np.frombuffer(sketch, np.uint64)
        self.check_batches()

    def picture(self, row: int) -> bytes:
        """Return a frame's JPEG.

        Raises:
            IndexError: there is no such frame.
        """
        value: bytes = self.value("picture", row)
        return value

    @cached_property
    def digests(self) -> list[str]:
        """Digests of the frames' JPEGs."""
        values: list[str] = self.read_values("digest")
        return values

    @cached_property
    def seconds(self) -> NDArray[np.float64]:
        """`(n,)` times of the frames, in seconds from the video's start."""
        return self.read_numbers("second")

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """`(n,)` perceptual hashes."""
        return self.read_numbers("hash")

    @cached_property
    def thumbnails(self) -> NDArray[np.uint8]:
        """`(n, 36, 64)` gray thumbnails."""
        return self.read_numbers("thumbnail").reshape(-1, *THUMBNAIL_SHAPE)


def _parse_metadata(values: dict[str, Any]) -> TrainingFramesMetadata:
    options, warnings = FrameOptions(**values["options"]), tuple(values["warnings"])
    return TrainingFramesMetadata(**values | {"options": options, "warnings": warnings})

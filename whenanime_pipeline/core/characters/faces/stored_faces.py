"""Files of faces: where and when each was found, and its crop, as memory-mapped Arrow IPC.

A file never changes: it is named after the content, the sampling and the detector. Labels refer to
episode, second and box, so that they outlive it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whenanime_pipeline.core.arrow_file import ArrowFormat, ArrowWriter, MappedArrowFile
from whenanime_pipeline.core.characters.errors import FacesError
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame

_VERSION = b"1"
_BOX = ("left", "top", "right", "bottom")
_LANDMARK_BYTES = 5 * 2 * 4
_FORMAT = ArrowFormat(
    name="stored faces",
    schema=pa.schema(
        [
            pa.field("shot", pa.int32(), nullable=False),
            pa.field("track", pa.int32(), nullable=False),
            pa.field("frame", pa.int32(), nullable=False),
            pa.field("second", pa.float64(), nullable=False),
            *(pa.field(side, pa.float32(), nullable=False) for side in _BOX),
            pa.field("score", pa.float32(), nullable=False),
            pa.field("landmarks", pa.binary(_LANDMARK_BYTES), nullable=False),
            pa.field("crop", pa.binary(), nullable=False),
        ]
    ),
    mark=b"whenanime.faces",
    batch_rows=256,
    error=FacesError,
    make="index with [characters] enabled = true",
    renew="delete it and index again",
)


@dataclass(frozen=True, slots=True)
class FacesReport:
    """Report of looking for the faces of a video.

    Attributes:
        detector: id of the detector.
        model: id of the model whose embeddings joined the tracks.
        looks: number of frames that were looked at.
        failed: number of frames at which the detector failed.
        tracks: number of tracks.
    """

    detector: str
    model: str
    looks: int
    failed: int
    tracks: int


@dataclass(frozen=True, slots=True, eq=False)
class StoredFace:
    """A face of a video.

    Attributes:
        shot: number of its shot.
        track: number of its track; unique within the video.
        frame: ordinal of its stored frame.
        second: when that is on screen.
        box: `(4,)`: left, top, right, bottom, in pixels of the stored frame.
        score: of the detector.
        landmarks: `(5, 2)`, in the same pixels; NaN where the detector has none.
        crop: the face with its margin, encoded.
    """

    shot: int
    track: int
    frame: int
    second: float
    box: NDArray[np.float32]
    score: float
    landmarks: NDArray[np.float32]
    crop: bytes


class FacesWriter(ArrowWriter):
    """Writes a file of faces; it can be read only after `finish`."""

    def __init__(self, path: Path) -> None:
        """Prepare to write `path`, which appears at the end of the `with` block."""
        super().__init__(path, _FORMAT, _VERSION)

    def add(self, face: StoredFace) -> None:
        """Append a face."""
        points = np.ascontiguousarray(face.landmarks, "<f4").tobytes()
        box = (float(side) for side in face.box)
        where = face.shot, face.track, face.frame, face.second
        self.add_row(*where, *box, face.score, points, face.crop)

    def finish(self, report: FacesReport) -> None:
        """Add the report to the last rows."""
        self.last_metadata = {b"report": json.dumps(asdict(report)).encode()}


class FacesFile(MappedArrowFile):
    """A file of faces, mapped: reading one crop costs that crop.

    Attributes:
        report: what came of looking for them.
    """

    def __init__(self, path: Path) -> None:
        """Map the file.

        Raises:
            FacesError: the file is missing, damaged or of another version.
        """
        super().__init__(path, _FORMAT)
        with _FORMAT.explain_errors(path):
            if self.mark != _VERSION:
                raise ValueError(f"its version is {self.mark!r}")
            self.report = FacesReport(**json.loads(self.last_metadata[b"report"]))

    def face(self, row: int) -> StoredFace:
        """Return one face.

        Raises:
            IndexError: there is no such row.
        """
        points = np.frombuffer(self.value("landmarks", row), "<f4").reshape(-1, 2)
        return StoredFace(
            shot=self.value("shot", row),
            track=self.value("track", row),
            frame=self.value("frame", row),
            second=self.value("second", row),
            box=np.array([self.value(side, row) for side in _BOX], np.float32),
            score=self.value("score", row),
            landmarks=points.astype(np.float32),
            crop=self.value("crop", row),
        )

    def boxes(self) -> NDArray[np.float32]:
        """Return all boxes, `(n, 4)`, without reading a crop."""
        return np.stack([self.read_numbers(side) for side in _BOX], axis=1)

    def tracks(self) -> NDArray[np.int32]:
        """Return the number of every face's track, `(n,)`."""
        return self.read_numbers("track")

    def crop(self, row: int) -> NDArray[np.uint8]:
        """Return one crop, decoded: RGB.

        Raises:
            IndexError: there is no such row.
            FacesError: it cannot be decoded.
        """
        try:
            return decode_stored_frame(self.value("crop", row))
        except ValueError as error:
            raise FacesError(f"{self.path}: a crop cannot be decoded; delete it") from error

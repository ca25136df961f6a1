"""Compares the faces that a detector finds with those that are there."""

from collections.abc import Iterable
from dataclasses import dataclass
from time import process_time

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.characters.pictures import FacePicture
from whenanime_pipeline.core.characters.boxes import compute_iou
from whenanime_pipeline.core.characters.found_faces import FaceDetector

MIN_IOU = 0.3
"""Intersection over union above which a box is a face's."""
_UNCLEAR_IOU = 0.2


@dataclass(frozen=True, slots=True)
class PictureResult:
    """What came of one picture.

    Attributes:
        name: of the picture.
        faces: number of faces in it.
        found: number of them that were found.
        false: number of boxes that are no face's.
        seconds: processor time.
    """

    name: str
    faces: int
    found: int
    false: int
    seconds: float

    def to_row(self) -> dict[str, object]:
        """Return a row of the report."""
        return {
            "picture": self.name,
            "faces": self.faces,
            "missed": self.faces - self.found,
            "false": self.false,
            "CPU, ms": round(1000 * self.seconds),
        }


def detect_all(detector: FaceDetector, pictures: Iterable[FacePicture]) -> list[PictureResult]:
    """Find the faces of pictures and compare them with the truth."""
    results = []
    for one in pictures:
        began = process_time()
        faces = detector.find_faces(one.picture)
        seconds = process_time() - began
        found, false = compare_boxes(faces.boxes, one.faces, one.unclear)
        results.append(PictureResult(one.name, len(one.faces), found, false, seconds))
    return results


def compare_boxes(
    boxes: NDArray[np.float32], faces: NDArray[np.float32], unclear: NDArray[np.float32]
) -> tuple[int, int]:
    """Match boxes with faces, best box first, each with one face at most.

    Args:
        boxes: `(n, 4)`, best first.
        faces: `(m, 4)`.
        unclear: `(k, 4)`: a box over one of these is neither right nor false.

    Returns:
        How many faces were found, and how many boxes are false.
    """
    iou = compute_iou(boxes, faces)
    maybe = compute_iou(boxes, unclear)
    found = false = 0
    for row in range(len(boxes)):
        best = int(iou[row].argmax()) if len(faces) else -1
        if best >= 0 and iou[row, best] > MIN_IOU:
            found += 1
            iou[:, best] = 0
        elif not (maybe[row] > _UNCLEAR_IOU).any():
            false += 1
    return found, false


@dataclass(frozen=True, slots=True)
class DetectionTotals:
    """Totals over pictures.

    Attributes:
        faces, found, false: sums of the results'.
        pictures: number of pictures.
        milliseconds: mean processor time of a picture.
    """

    faces: int
    found: int
    false: int
    pictures: int
    milliseconds: float

    @classmethod
    def sum_up(cls, results: list[PictureResult]) -> "DetectionTotals":
        """Return the totals of results, of which there is one at least."""
        return cls(
            faces=sum(one.faces for one in results),
            found=sum(one.found for one in results),
            false=sum(one.false for one in results),
            pictures=len(results),
            milliseconds=1000 * float(np.mean([one.seconds for one in results])),
        )

    @property
    def recall(self) -> float:
        """Share of the faces that were found."""
        return self.found / max(1, self.faces)

    @property
    def precision(self) -> float:
        """Share of the boxes that are faces; 1 without boxes."""
        boxes = self.found + self.false
        return self.found / boxes if boxes else 1.0

    @property
    def false_per_picture(self) -> float:
        """False boxes, by pictures."""
        return self.false / max(1, self.pictures)

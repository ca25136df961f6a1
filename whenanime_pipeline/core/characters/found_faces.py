"""Defines what a face detector returns, and the protocol of detectors."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

LANDMARKS = ("left eye", "right eye", "nose", "mouth", "chin")
"""Points of a face, in the order of `FoundFaces.landmarks`; left and right as in the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundFaces:
    """Faces of one picture, best first, in its pixels.

    Attributes:
        boxes: `(n, 4)` float32: left, top, right, bottom; tight around fringe and chin.
        scores: `(n,)` float32, 0 to 1; comparable within one detector only.
        landmarks: `(n, 5, 2)` float32: x and y of `LANDMARKS`; NaN where the detector has none.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def make(
        cls,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        landmarks: NDArray[np.float32] | None = None,
    ) -> Self:
        """Return faces in the order of their scores.

        Args:
            boxes: `(n, 4)`.
            scores: `(n,)`.
            landmarks: `(n, 5, 2)`; None where the detector has none.
        """
        if landmarks is None:
            landmarks = np.full((len(scores), len(LANDMARKS), 2), np.nan, np.float32)
        order = np.argsort(-scores, kind="stable")
        return cls(boxes[order], scores[order], landmarks[order])

    def select(self, chosen: NDArray[np.bool_]) -> "FoundFaces":
        """Return some of the faces, `(n,)` of which are chosen."""
        return FoundFaces(self.boxes[chosen], self.scores[chosen], self.landmarks[chosen])

    def scale(self, factor: float) -> "FoundFaces":
        """Return the faces in a picture that is larger by a factor."""
        scaled = np.float32(factor)
        return FoundFaces(self.boxes * scaled, self.scores, self.landmarks * scaled)


class FaceDetector(Protocol):
    """Finds faces in pictures.

    Attributes:
        id: name and version of the detector and of its options: stored faces are kept under it.
    """

    id: str

    def find_faces(self, picture: NDArray[np.uint8]) -> FoundFaces:
        """Find the faces of a picture.

        Args:
            picture: RGB, `(height, width, 3)`, of any size: the detector scales it.

        Raises:
            CharactersError: the detector failed at this picture.
        """
        ...

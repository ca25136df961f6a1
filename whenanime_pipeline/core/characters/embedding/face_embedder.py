"""Face crops to vectors, by the face model and the colours of the face."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from whenanime_pipeline.core.characters.embedding.colours import (
    COLOUR_DIMENSION,
    describe_colours,
)
from whenanime_pipeline.core.characters.embedding.crops import Box, Picture, cut_face
from whenanime_pipeline.core.characters.naming.known_calibration import KnownCalibration
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.vectors import Vectors
from whenanime_pipeline.core.search.errors import ModelError

COLOUR_WEIGHT = 0.05
"""Share of the colours in the similarity of two faces; the best of 0 to 0.4 on drawn faces of the
validation part."""


@dataclass(frozen=True)
class FaceEmbedder:
    """A loaded face model. Safe to share between threads.

    Attributes:
        network: takes crops of faces.
        calibration: of names found by its vectors.
        colour_weight: share of the colours in the similarity, 0 to 1.
    """

    network: Embedder
    calibration: KnownCalibration
    colour_weight: float = COLOUR_WEIGHT

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int = 0) -> Self:
        """Load a face model.

        Args:
            folder: with `model.onnx` and `meta.json`; None for the model that ships.
            threads: for the network; 0 for one per core.

        Raises:
            ModelError: it is missing, damaged, from another version, or not calibrated.
        """
        folder = folder or face_model_folder()
        network = Embedder.load(folder, threads=threads)
        try:
            calibration = KnownCalibration.from_json(network.meta.calibration or {})
        except ValueError as error:
            raise ModelError(f"{folder}: {error}") from error
        return cls(network, calibration)

    @property
    def model_id(self) -> str:
        """Id of the face model; vectors of different models cannot be compared."""
        return self.network.model_id

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return self.network.dimension + COLOUR_DIMENSION

    def embed_faces(self, picture: Picture, boxes: Sequence[Box]) -> Vectors:
        """Return vectors of the faces in a picture.

        Args:
            picture: RGB `(height, width, 3)` uint8.
            boxes: the faces' boxes in pixels.

        Returns:
            `(faces, dimension)`, each row of unit length.

        Raises:
            ValueError: a box is empty or not finite.
        """
        return self.embed_crops([cut_face(picture, box) for box in boxes])

    def embed_crops(self, crops: Sequence[Picture]) -> Vectors:
        """Return vectors of face crops, made by `cut_face`, as `embed_faces`."""
        return join_colours(self.network.embed(crops), describe_colours(crops), self.colour_weight)


def join_colours(embeddings: Vectors, colours: Vectors, weight: float) -> Vectors:
    """Return vectors whose inner product is the weighted mean of both similarities.

    Args:
        embeddings: `(n, d)` unit vectors.
        colours: `(n, c)` unit vectors.
        weight: share of the colours, 0 to 1.

    Returns:
        `(n, d + c)` unit vectors.
    """
    return np.concatenate(
        [np.sqrt(1 - weight) * embeddings, np.sqrt(weight) * colours], axis=1
    ).astype(np.float32)


def face_model_folder() -> Path:
    """Return the folder of the face model that ships."""
    return Path(__file__).parent / "face_model"

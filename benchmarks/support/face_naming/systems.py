"""Systems that name faces, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.embedding.face_embedder import FaceEmbedder
from whenanime_pipeline.core.characters.naming.known_calibration import KnownCalibration
from whenanime_pipeline.core.characters.naming.namer import Namer
from whenanime_pipeline.core.characters.naming.nearest_faces import score_names
from whenanime_pipeline.core.learning.characters.naming_calibration import NamingTrial
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder
from whenanime_pipeline.core.search.embedding.vectors import Vectors


@dataclass(frozen=True)
class Answers:
    """Answers of a system to the queries of a trial.

    Attributes:
        scores: `(q, names)`, higher for likelier names.
        known: `(q,)`, higher where a query's name is likelier to be in the gallery.
    """

    scores: NDArray[np.float64]
    known: NDArray[np.float64]


@dataclass(frozen=True)
class NamingSystem:
    """A face embedder and how its vectors are named.

    Attributes:
        name: name in the tables.
        embedder: embeds crops of faces.
        calibration: of the naming; None to score by the nearest faces alone.
    """

    name: str
    embedder: FaceEmbedder
    calibration: KnownCalibration | None

    def embed(self, crops: Sequence[NDArray[np.uint8]]) -> Vectors:
        """Return vectors of crops."""
        return self.embedder.embed_crops(crops)

    def answer(self, trial: NamingTrial) -> Answers:
        """Name the queries of a trial, each for itself."""
        if self.calibration is None:
            scores = score_names(trial.queries, trial.gallery)
            return Answers(scores, scores.max(axis=1))
        namer = Namer(trial.gallery, self.calibration)
        return Answers(*namer.estimate(trial.queries, trial.sides))


def load_systems(*, threads: int = 1) -> list[NamingSystem]:
    """Return our naming, the same without colours or without calibration, and the base model's.

    Raises:
        ModelError: a model that ships is damaged.
    """
    ours = FaceEmbedder.load(threads=threads)
    calibration = ours.calibration
    plain = FaceEmbedder(ours.network, calibration, 0.0)
    base = FaceEmbedder(Embedder.load(base_model_folder(), threads=threads), calibration, 0.0)
    return [
        NamingSystem("ours", ours, calibration),
        NamingSystem("ours, nearest faces alone", ours, None),
        NamingSystem("ours, without colours", plain, calibration),
        NamingSystem("base model, nearest faces", base, None),
    ]

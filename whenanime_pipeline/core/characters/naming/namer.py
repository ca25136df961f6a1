"""Names faces: the five likeliest names with probabilities, or unknown."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.naming.assignment import assign_names
from whenanime_pipeline.core.characters.naming.gallery import Gallery
from whenanime_pipeline.core.characters.naming.known_calibration import (
    KnownCalibration,
    gather_predictors,
)
from whenanime_pipeline.core.characters.naming.logistic_head import (
    LogisticHead,
    fit_head,
    log_softmax,
)
from whenanime_pipeline.core.characters.naming.nearest_faces import score_names
from whenanime_pipeline.core.search.embedding.vectors import Vectors

CANDIDATES = 5
"""Names that are offered for a face."""


@dataclass(frozen=True)
class NameCandidate:
    """A name for a face, and the probability that it is right."""

    name: str
    probability: float


@dataclass(frozen=True)
class FaceNaming:
    """Answer for one face.

    Attributes:
        name: the name that the face is given; None for unknown.
        candidates: up to `CANDIDATES` names, the likeliest first; without rejected ones.
        unknown: probability that the face has none of the gallery's names.
    """

    name: str | None
    candidates: tuple[NameCandidate, ...]
    unknown: float


@dataclass(frozen=True)
class Namer:
    """A gallery with what is fitted to it. Safe to share between threads once `head` is fitted.

    Attributes:
        gallery: labelled faces.
        calibration: of the face model.
    """

    gallery: Gallery
    calibration: KnownCalibration

    @cached_property
    def head(self) -> LogisticHead | None:
        """The logistic head, fitted when it is first needed."""
        return fit_head(self.gallery)

    def with_calibration(self, calibration: KnownCalibration) -> "Namer":
        """Return the same gallery under another calibration; a fitted head is kept."""
        other = Namer(self.gallery, calibration)
        if "head" in self.__dict__:
            other.__dict__["head"] = self.head
        return other

    def name_picture(
        self,
        vectors: Vectors,
        sides: NDArray[np.float64],
        rejected: Sequence[AbstractSet[str]] | None = None,
        *,
        strictness: float = 0.5,
    ) -> list[FaceNaming]:
        """Name the faces of one picture; no two are given the same name.

        Args:
            vectors: `(n, d)` unit vectors of the faces.
            sides: `(n,)` sides of the faces in pixels of a stored frame.
            rejected: for each face the names that it is known not to have.
            strictness: 0 names every face, 1 none: share of the certainty that a name needs.
        """
        if not len(vectors):
            return []
        names = self.gallery.names
        barred = [rejected[i] if rejected else frozenset[str]() for i in range(len(vectors))]
        allowed = np.array([[name not in bar for name in names] for bar in barred], np.bool_)
        allowed = allowed.reshape(len(vectors), len(names))
        probabilities, known = self.estimate(vectors, sides, allowed)
        joint = probabilities * known[:, None]
        with np.errstate(divide="ignore"):
            gains = np.where(allowed, np.log(joint), -np.inf)
        # A face is named where its likeliest name outweighs unknown, at the odds of strictness.
        floor = np.log(max(strictness, 1e-12)) - np.log(max(1 - strictness, 1e-12))
        unknown = np.log(np.maximum(1 - known, 1e-12)) + floor
        given = assign_names(gains, unknown)
        return [
            FaceNaming(
                names[given[i]] if given[i] >= 0 else None,
                _list_candidates(names, joint[i], allowed[i]),
                float(1 - known[i]),
            )
            for i in range(len(vectors))
        ]

    def estimate(
        self, vectors: Vectors, sides: NDArray[np.float64], allowed: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Estimate names of faces that are independent of each other.

        Args:
            vectors: `(n, d)` unit vectors.
            sides: `(n,)` sides of the faces in pixels of a stored frame.
            allowed: `(n, names)`, false for names that a face is known not to have.

        Returns:
            Probabilities `(n, names)` of the names, given that the face has one of them, and the
            probabilities `(n,)` that it has one.
        """
        count, names = len(vectors), len(self.gallery.names)
        if not count or not names:
            return np.zeros((count, names)), np.zeros(count)
        scores = score_names(vectors, self.gallery)
        logits = self._combine(scores, vectors)
        if allowed is not None:
            scores = np.where(allowed, scores, -1.0)
            logits = np.where(allowed, logits, -np.inf)
            logits[~allowed.any(axis=1)] = 0.0
        known = self.calibration.estimate(gather_predictors(scores, sides, self.gallery.counts))
        probabilities = np.exp(log_softmax(logits))
        if allowed is not None:
            none = ~allowed.any(axis=1)
            probabilities[none], known[none] = 0.0, 0.0
        return probabilities, known

    def _combine(self, scores: NDArray[np.float64], vectors: Vectors) -> NDArray[np.float64]:
        """Return log odds of the names: nearest faces, and the head where labels are many.

        The head shifts odds between its own names and leaves their sum.
        """
        logits = log_softmax(scores / self.calibration.temperature)
        share = self.calibration.head_share
        if share == 0 or self.head is None:
            return logits
        head = self.head
        own = logits[:, head.names]
        together = np.logaddexp.reduce(own, axis=1, keepdims=True)
        mixed = (1 - share) * (own - together) + share * head.log_probabilities(vectors)
        logits[:, head.names] = log_softmax(mixed) + together
        return logits


def _list_candidates(
    names: tuple[str, ...], probabilities: NDArray[np.float64], allowed: NDArray[np.bool_]
) -> tuple[NameCandidate, ...]:
    order = np.argsort(-probabilities, kind="stable")
    order = order[allowed[order]][:CANDIDATES]
    return tuple(NameCandidate(names[i], float(probabilities[i])) for i in order)

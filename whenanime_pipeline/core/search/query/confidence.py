"""How sure an answer is: what was measured of it, weighed by what such measurements came to.

A logistic regression over right and wrong answers of the calibration (`core/learning/shipped/calibration`),
and its score on the scale that clients of trace.moe know: 0.90 and more is a match.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.errors import ModelError
from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame

MatchLevel = Literal["certain", "likely", "similar"]

MATCH_SIMILARITY = 0.9
"""Similarity from which on an answer is a match, as for trace.moe's clients."""
CERTAIN_SIMILARITY = 0.95
"""Similarity from which on an answer is certain, far above all strangers of the calibration."""
CONCLUSIVE_SIMILARITY = 0.96
"""Similarity from which on nothing else is looked for. More than certain: half of a sea by night
lies well on its own mirror image, and the whole of it better on itself."""
CALIBRATION_FILE = Path(__file__).parent / "confidence.json"
PREDICTORS = (
    "structure",
    "residual",
    "correlation",
    "covered",
    "seen",
    "contrast",
    "matched",
    "pushed out",
    "whole frame",
    "part, unmatched",
    "covered, unmatched",
)
"""What is measured of an answer, in the order of `measured`. Nothing of it depends on the model, so
that the calibration holds for every one; cosines added nothing to it, nor did votes. The last two
are for a few words that agree by chance: one evening sky lies well on a quarter of another."""
_MAX_CONTRAST = 40.0
"""Gray levels of deviation from which on more contrast tells nothing more."""
_MAX_RESIDUAL = 6.0
"""Residual of what agrees nowhere; more is cut off."""


class Judge(Protocol):
    """Says what an answer is worth."""

    def score(self, answer: VerifiedFrame) -> float:
        """Return a number that is larger for better answers."""

    def is_match(self, answer: VerifiedFrame) -> bool:
        """Tell whether it is a match."""

    def is_conclusive(self, answer: VerifiedFrame) -> bool:
        """Tell whether nothing better need be looked for."""


def compute_predictors(answer: VerifiedFrame) -> NDArray[np.float64]:
    """Return what is known of an answer, `(len(MEASURED),)`."""
    agreement, covered = answer.comparison, np.log(answer.comparison.query_coverage + 0.01)
    whole = not answer.hypothesis.has_inliers
    unmatched = answer.hypothesis.descriptor_inliers == 0 and not whole
    return np.array(
        [
            agreement.windowed_correlation,
            min(agreement.residual, _MAX_RESIDUAL),
            agreement.correlation,
            covered,
            np.log(agreement.reference_coverage + 0.01),
            min(agreement.contrast, _MAX_CONTRAST) / _MAX_CONTRAST,
            np.log1p(answer.hypothesis.descriptor_inliers),
            agreement.non_overlap,
            float(whole),
            float(unmatched),
            covered * unmatched,
        ]
    )


@dataclass(frozen=True, slots=True)
class Confidence:
    """A calibration.

    Attributes:
        weights: `(len(MEASURED),)`, of what is measured.
        bias: added to it.
        scores: rising; scores of which the similarity is known.
        similarities: rising from 0 to 1; the similarities at these scores.
    """

    weights: tuple[float, ...]
    bias: float
    scores: tuple[float, ...]
    similarities: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be used.

        Raises:
            ModelError: the numbers do not fit together.
        """
        rising = np.diff(self.scores).min(initial=1) > 0
        if (
            len(self.weights) != len(PREDICTORS)
            or len(self.scores) != len(self.similarities)
            or len(self.scores) < 2
            or not rising
            or np.diff(self.similarities).min() < 0
        ):
            raise ModelError(f"{CALIBRATION_FILE.name}: not a calibration of this program")

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Self:
        """Return the calibration that ships.

        Raises:
            ModelError: it is missing or damaged.
        """
        try:
            return cls.from_json(json.loads(CALIBRATION_FILE.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{CALIBRATION_FILE}: not a calibration: {error}") from error

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the calibration that a file holds."""
        return cls(
            weights=tuple(values["weights"][name] for name in PREDICTORS),
            bias=values["bias"],
            scores=tuple(values["scores"]),
            similarities=tuple(values["similarities"]),
        )

    def score(self, answer: VerifiedFrame) -> float:
        """Return the logit of an answer being right."""
        return float(compute_predictors(answer) @ np.array(self.weights)) + self.bias

    def similarity(self, answer: VerifiedFrame) -> float:
        """Return how sure an answer is, 0 to 1."""
        return float(np.interp(self.score(answer), self.scores, self.similarities))

    def classify(self, answer: VerifiedFrame) -> MatchLevel:
        """Return the same in a word."""
        similarity = self.similarity(answer)
        return (
            "certain"
            if similarity >= CERTAIN_SIMILARITY
            else "likely"
            if similarity >= MATCH_SIMILARITY
            else "similar"
        )

    def is_match(self, answer: VerifiedFrame) -> bool:
        """Tell whether it is a match."""
        return self.similarity(answer) >= MATCH_SIMILARITY

    def is_conclusive(self, answer: VerifiedFrame) -> bool:
        """Tell whether nothing better need be looked for."""
        return self.similarity(answer) >= CONCLUSIVE_SIMILARITY

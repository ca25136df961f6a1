"""Calibrated confidence of answers.

A logistic regression over right and wrong answers (fitted by
`core/learning/shipped/calibration`), with its score mapped to the scale that clients of trace.moe
know: a match has 0.90 or more.
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
"""Lowest similarity of a match, as for trace.moe's clients."""
CERTAIN_SIMILARITY = 0.95
"""Lowest similarity of a certain match, far above all negatives of the calibration."""
CONCLUSIVE_SIMILARITY = 0.96
"""Lowest similarity for an early exit. More than for certain: half of a sea by night matches its
own mirror image well, and the whole of it matches itself better."""
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
"""Names of the predictors, in the order of `compute_predictors`. None depends on the model, so that
the calibration holds for every model; cosines and vote weights did not improve it. The last two are
for a few visual words that agree by chance: one evening sky matches a quarter of another well."""
_MAX_CONTRAST = 40.0
"""Standard deviation in gray levels at which contrast is cut off: more does not help."""
_MAX_RESIDUAL = 6.0
"""Residual at which it is cut off: that of unrelated pictures."""


class Judge(Protocol):
    """Scores answers and decides when to exit early."""

    def score(self, answer: VerifiedFrame) -> float:
        """Return a number that is larger for better answers."""

    def is_match(self, answer: VerifiedFrame) -> bool:
        """Return whether an answer is a match."""

    def is_conclusive(self, answer: VerifiedFrame) -> bool:
        """Return whether an answer is good enough to exit early."""


def compute_predictors(answer: VerifiedFrame) -> NDArray[np.float64]:
    """Return the predictors of an answer, `(len(PREDICTORS),)`."""
    comparison, covered = answer.comparison, np.log(answer.comparison.query_coverage + 0.01)
    whole = not answer.hypothesis.has_inliers
    unmatched = answer.hypothesis.descriptor_inliers == 0 and not whole
    return np.array(
        [
            comparison.windowed_correlation,
            min(comparison.residual, _MAX_RESIDUAL),
            comparison.correlation,
            covered,
            np.log(comparison.reference_coverage + 0.01),
            min(comparison.contrast, _MAX_CONTRAST) / _MAX_CONTRAST,
            np.log1p(answer.hypothesis.descriptor_inliers),
            comparison.non_overlap,
            float(whole),
            float(unmatched),
            covered * unmatched,
        ]
    )


@dataclass(frozen=True, slots=True)
class Confidence:
    """A calibration: logistic regression and a piecewise linear map of its logits.

    Attributes:
        weights: `(len(PREDICTORS),)`, weights of the predictors.
        bias: bias of the logit.
        scores: logits at which the similarity is known, rising.
        similarities: similarities at these logits, rising from 0 to 1.
    """

    weights: tuple[float, ...]
    bias: float
    scores: tuple[float, ...]
    similarities: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the numbers.

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
        """Return the calibration that ships with the program.

        Raises:
            ModelError: the file is missing or damaged.
        """
        try:
            return cls.from_json(json.loads(CALIBRATION_FILE.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{CALIBRATION_FILE}: not a calibration: {error}") from error

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the calibration of a parsed JSON file."""
        return cls(
            weights=tuple(values["weights"][name] for name in PREDICTORS),
            bias=values["bias"],
            scores=tuple(values["scores"]),
            similarities=tuple(values["similarities"]),
        )

    def score(self, answer: VerifiedFrame) -> float:
        """Return the logit of the probability that an answer is right."""
        return float(compute_predictors(answer) @ np.array(self.weights)) + self.bias

    def similarity(self, answer: VerifiedFrame) -> float:
        """Return the calibrated similarity of an answer, 0 to 1."""
        return float(np.interp(self.score(answer), self.scores, self.similarities))

    def classify(self, answer: VerifiedFrame) -> MatchLevel:
        """Return the match level of an answer."""
        similarity = self.similarity(answer)
        return (
            "certain"
            if similarity >= CERTAIN_SIMILARITY
            else "likely"
            if similarity >= MATCH_SIMILARITY
            else "similar"
        )

    def is_match(self, answer: VerifiedFrame) -> bool:
        """Return whether an answer is a match."""
        return self.similarity(answer) >= MATCH_SIMILARITY

    def is_certain(self, answer: VerifiedFrame) -> bool:
        """Return whether an answer is a certain match."""
        return self.similarity(answer) >= CERTAIN_SIMILARITY

    def is_conclusive(self, answer: VerifiedFrame) -> bool:
        """Return whether an answer is good enough to exit early."""
        return self.similarity(answer) >= CONCLUSIVE_SIMILARITY

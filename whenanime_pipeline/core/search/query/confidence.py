"""How sure an answer is: what was measured of it, weighed by what such measurements came to.

A logistic regression over right and wrong answers of the calibration (`core/learning/calibration`),
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
from whenanime_pipeline.core.search.geometry.verification import Verified

Match = Literal["certain", "likely", "similar"]

MATCH = 0.9
"""Similarity from which on an answer is a match, as for trace.moe's clients."""
CERTAIN = 0.95
"""Similarity from which on an answer is certain, far above all strangers of the calibration."""
SETTLED = 0.96
"""Similarity from which on nothing else is looked for. More than certain: half of a sea by night
lies well on its own mirror image, and the whole of it better on itself."""
FILE = Path(__file__).parent / "confidence.json"
MEASURED = (
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
_CONTRAST = 40.0
"""Gray levels of deviation from which on more contrast tells nothing more."""
_WORST = 6.0
"""Residual of what agrees nowhere; more is cut off."""


class Judge(Protocol):
    """Says what an answer is worth."""

    def score(self, answer: Verified) -> float:
        """Return a number that is larger for better answers."""

    def believes(self, answer: Verified) -> bool:
        """Tell whether it is a match."""

    def settles(self, answer: Verified) -> bool:
        """Tell whether nothing better need be looked for."""


def measured(answer: Verified) -> NDArray[np.float64]:
    """Return what is known of an answer, `(len(MEASURED),)`."""
    agreement, covered = answer.agreement, np.log(answer.agreement.covered + 0.01)
    whole = not answer.guess.by_patches
    unmatched = answer.guess.matched == 0 and not whole
    return np.array(
        [
            agreement.structure,
            min(agreement.residual, _WORST),
            agreement.correlation,
            covered,
            np.log(agreement.seen + 0.01),
            min(agreement.contrast, _CONTRAST) / _CONTRAST,
            np.log1p(answer.guess.matched),
            agreement.pushed_out,
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
            len(self.weights) != len(MEASURED)
            or len(self.scores) != len(self.similarities)
            or len(self.scores) < 2
            or not rising
            or np.diff(self.similarities).min() < 0
        ):
            raise ModelError(f"{FILE.name}: not a calibration of this program")

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Self:
        """Return the calibration that ships.

        Raises:
            ModelError: it is missing or damaged.
        """
        try:
            return cls.from_json(json.loads(FILE.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{FILE}: not a calibration: {error}") from error

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the calibration that a file holds."""
        return cls(
            weights=tuple(values["weights"][name] for name in MEASURED),
            bias=values["bias"],
            scores=tuple(values["scores"]),
            similarities=tuple(values["similarities"]),
        )

    def score(self, answer: Verified) -> float:
        """Return the logit of an answer being right."""
        return float(measured(answer) @ np.array(self.weights)) + self.bias

    def similarity(self, answer: Verified) -> float:
        """Return how sure an answer is, 0 to 1."""
        return float(np.interp(self.score(answer), self.scores, self.similarities))

    def match(self, answer: Verified) -> Match:
        """Return the same in a word."""
        similarity = self.similarity(answer)
        return (
            "certain" if similarity >= CERTAIN else "likely" if similarity >= MATCH else "similar"
        )

    def believes(self, answer: Verified) -> bool:
        """Tell whether it is a match."""
        return self.similarity(answer) >= MATCH

    def settles(self, answer: Verified) -> bool:
        """Tell whether nothing better need be looked for."""
        return self.similarity(answer) >= SETTLED

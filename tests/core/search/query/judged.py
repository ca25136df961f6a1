"""Answers, and a judge that was told what each is worth."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from whenanime_pipeline.core.search.geometry.hypotheses import Guess, Lead
from whenanime_pipeline.core.search.geometry.pixel_comparison import Agreement
from whenanime_pipeline.core.search.geometry.verification import Verified


@dataclass
class Scores:
    """Judges by what answers have been told to be worth; matches are worth something."""

    of: dict[int, float]

    def score(self, answer: Verified) -> float:
        return self.of[id(answer)]

    def believes(self, answer: Verified) -> bool:
        return self.of[id(answer)] >= 0

    def settles(self, answer: Verified) -> bool:
        return self.of[id(answer)] >= 3

    @classmethod
    def told(cls, *answers: tuple[Verified, float]) -> Self:
        return cls({id(answer): score for answer, score in answers})


def an_answer(content: int, frame: int, residual: float) -> Verified:
    guess = Guess(frame, np.eye(3), 9, 5.0, 0.0)
    lead = Lead(content, frame - 5, frame + 5, (guess,))
    agreement = Agreement(residual, 0.9, 1.0, 1.0, 40.0, 0.8, 0.0)
    return Verified(lead, frame, guess, agreement, frame, frame, agreement.misfit, ())

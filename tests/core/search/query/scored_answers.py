"""Answers, and a judge with a fixed score for each."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment, PoseHypothesis
from whenanime_pipeline.core.search.geometry.pixel_comparison import PixelComparison
from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame


@dataclass
class FixedScores:
    """Scores answers by a fixed table; a match has a positive score."""

    of: dict[int, float]

    def score(self, answer: VerifiedFrame) -> float:
        return self.of[id(answer)]

    def is_match(self, answer: VerifiedFrame) -> bool:
        return self.of[id(answer)] >= 0

    def is_conclusive(self, answer: VerifiedFrame) -> bool:
        return self.of[id(answer)] >= 3

    @classmethod
    def from_scores(cls, *answers: tuple[VerifiedFrame, float]) -> Self:
        return cls({id(answer): score for answer, score in answers})


def make_answer(content: int, frame: int, residual: float) -> VerifiedFrame:
    hypothesis = PoseHypothesis(frame, np.eye(3), 9, 5.0, 0.0)
    segment = CandidateSegment(content, frame - 5, frame + 5, (hypothesis,))
    comparison = PixelComparison(residual, 0.9, 1.0, 1.0, 40.0, 0.8, 0.0)
    return VerifiedFrame(segment, frame, hypothesis, comparison, frame, frame, comparison.cost, ())

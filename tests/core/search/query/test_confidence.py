"""The shipped calibration: its form, and monotone in every predictor."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.search.errors import ModelError
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment, PoseHypothesis
from whenanime_pipeline.core.search.geometry.pixel_comparison import PixelComparison
from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame
from whenanime_pipeline.core.search.query.confidence import (
    CALIBRATION_FILE,
    CERTAIN_SIMILARITY,
    CONCLUSIVE_SIMILARITY,
    MATCH_SIMILARITY,
    PREDICTORS,
    Confidence,
)


def _answer(*, inliers: int, comparison: PixelComparison, cosine: float = 0.9) -> VerifiedFrame:
    guess = PoseHypothesis(5, np.eye(3), inliers, float(inliers), cosine)
    return VerifiedFrame(
        CandidateSegment(0, 0, 10, (guess,)), 5, guess, comparison, 5, 5, comparison.cost, ()
    )


SAME = PixelComparison(
    residual=0.05,
    correlation=0.995,
    query_coverage=1.0,
    reference_coverage=1.0,
    contrast=45.0,
    windowed_correlation=0.95,
    photometric_penalty=0.0,
)
OTHER = replace(SAME, residual=2.5, correlation=0.3, contrast=30.0, windowed_correlation=0.05)


@pytest.mark.parametrize("inliers", [0, 80])
def test_an_equal_frame_is_certain_and_a_negative_is_not(inliers: int) -> None:
    confidence = Confidence.load()
    assert confidence.classify(_answer(inliers=inliers, comparison=SAME)) == "certain"
    assert confidence.classify(_answer(inliers=0, comparison=OTHER, cosine=0.7)) == "similar"


def test_a_flat_picture_is_no_match_with_another_flat_one() -> None:
    flat = replace(SAME, residual=0.01, correlation=0.0, contrast=0.5, windowed_correlation=0.0)
    assert Confidence.load().classify(_answer(inliers=0, comparison=flat)) == "similar"


@given(inliers=st.integers(0, 199), correlation=st.floats(-1, 1), residual=st.floats(0, 9))
def test_similarity_is_in_0_to_1_and_consistent_with_the_grade(
    inliers: int, correlation: float, residual: float
) -> None:
    comparison = replace(SAME, correlation=correlation, residual=residual)
    answer, confidence = _answer(inliers=inliers, comparison=comparison), Confidence.load()
    similarity = confidence.similarity(answer)
    assert 0 <= similarity <= 1
    assert (confidence.classify(answer) == "similar") == (similarity < MATCH_SIMILARITY)
    assert (confidence.classify(answer) == "certain") == (similarity >= CERTAIN_SIMILARITY)
    assert confidence.is_conclusive(answer) == (similarity >= CONCLUSIVE_SIMILARITY)


@pytest.mark.parametrize(
    "change",
    [
        {"scores": [1.0, 1.0]},
        {"similarities": [0.9, 0.1]},
        {"scores": [1.0], "similarities": [0.5]},
    ],
)
def test_an_invalid_calibration_is_refused(change: dict[str, list[float]]) -> None:
    good = {
        "weights": dict.fromkeys(PREDICTORS, 1.0),
        "bias": 0.0,
        "scores": [0.0, 1.0],
        "similarities": [0.0, 1.0],
    }
    Confidence.from_json(good)
    with pytest.raises(ModelError, match="calibration"):
        Confidence.from_json(good | change)


@pytest.mark.parametrize(
    ("name", "better", "worse"),
    [
        ("windowed_correlation", 0.8, 0.3),
        ("residual", 0.4, 1.5),
        ("correlation", 0.95, 0.5),
        ("matched", 60, 0),
    ],
)
@pytest.mark.parametrize("inliers", [0, 20])
def test_confidence_is_monotone_in_every_predictor(
    name: str, better: float, worse: float, inliers: int
) -> None:
    """Products of measurements had let a worse residual raise the score."""
    base = _answer(
        inliers=inliers, comparison=replace(SAME, windowed_correlation=0.5, residual=1.0)
    )

    def score(value: float) -> float:
        if name == "matched":
            answer = replace(
                base, hypothesis=replace(base.hypothesis, descriptor_inliers=int(value))
            )
        else:
            answer = replace(base, comparison=replace(base.comparison, **{name: value}))
        return Confidence.load().score(answer)

    assert score(better) > score(worse)


def test_the_shipped_calibration_has_its_provenance() -> None:
    stored = json.loads(Path(CALIBRATION_FILE).read_text(encoding="utf-8"))
    assert stored["made from"]["series"]
    assert stored["measured"]["absent queries"] >= 100

"""Which segments the cascade verifies, matches by features and refines, and when it exits early."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from moving_disc import CROPPED, IMPRECISE, MovingDisc, make_segment
from numpy.typing import NDArray
from scored_answers import FixedScores, make_answer

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment, PoseHypothesis
from whenanime_pipeline.core.search.geometry.transform import transform_from_box
from whenanime_pipeline.core.search.geometry.verification import VerifiedFrame
from whenanime_pipeline.core.search.query.cascade import PROMISING_SCORE, TIE_MARGIN, SearchCascade
from whenanime_pipeline.core.search.query.confidence import Confidence

Picture = NDArray[np.uint8]

PICTURE: Picture = np.random.default_rng(0).integers(0, 256, (90, 160, 3), np.uint8)


def _cascade(*answers: tuple[VerifiedFrame, float]) -> SearchCascade:
    cascade = SearchCascade(PICTURE, lambda *_, **__: None, FixedScores.from_scores(*answers))
    cascade.verified = [answer for answer, _ in answers]
    return cascade


def test_an_empty_index_yields_no_answers() -> None:
    cascade = SearchCascade(PICTURE, lambda *_, **__: None, FixedScores({}))
    cascade.verify_segments([_whole(0, 0.9)], 4, 10)
    assert cascade.rank_verified() == []
    assert not cascade.is_conclusive


class AlwaysConclusive:
    """Calls every answer a conclusive match."""

    def score(self, _: VerifiedFrame) -> float:
        return 5.0

    def is_match(self, _: VerifiedFrame) -> bool:
        return True

    is_conclusive = is_match


class RecordingCascade(SearchCascade):
    """Verifies each segment at once, and records which."""

    def __init__(self) -> None:
        self.verified_contents: list[int] = []
        super().__init__(PICTURE, lambda *_, **__: None, AlwaysConclusive())

    def _verify(self, segment: CandidateSegment) -> None:
        self.verified_contents.append(segment.content)
        self.verified.append(make_answer(segment.content, 2, 0.1))


def _whole(content: int, cosine: float) -> CandidateSegment:
    return CandidateSegment(content, 0, 5, (PoseHypothesis(2, np.eye(3), 0, 0.0, cosine),))


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_whole_frame_under_a_player_is_confirmed_by_its_local_features(mirrored: bool) -> None:
    """Also where the embedding retrieved the shot at another moment."""
    frames = [draw_random_picture(seed, (320, 180)) for seed in (3, 4)]
    query = cv2.resize(frames[0], (640, 360))
    query[280:] = 20
    if mirrored:
        query = query[:, ::-1]
    stored = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in frames]

    def read(content: int, frame: int, *, half: bool) -> Picture | None:
        assert content == 0
        gray = stored[frame > 30]
        small: Picture = cv2.resize(gray, (160, 90))
        return small if half else gray

    cascade = SearchCascade(np.ascontiguousarray(query), read, Confidence.load())
    whole = PoseHypothesis(20, transform_from_box((0, 0, 1, 0.5625), 0.5625), 0, 0.0, 0.8)
    cascade.verify_segments([CandidateSegment(0, 18, 22, (whole,), mirrored=mirrored)], 1, 1)
    assert cascade.verified[0].hypothesis.descriptor_inliers == 0
    cascade.match_best_frame({0: 100})
    confirmed = cascade.verified[1]
    assert confirmed.hypothesis.descriptor_inliers > 20
    assert confirmed.segment.mirrored == mirrored
    assert confirmed.last == 30
    score = Confidence.load().score
    assert score(confirmed) > score(cascade.verified[0])


def test_the_features_of_an_unpromising_answer_are_not_matched() -> None:
    cascade = _cascade((make_answer(0, 20, 3.0), PROMISING_SCORE - 1))
    cascade.match_best_frame({0: 100})
    assert len(cascade.verified) == 1


def test_after_a_conclusive_answer_only_tied_segments_are_verified() -> None:
    cascade = RecordingCascade()
    cascade.verify_segments([_whole(n, 0.95 - n * TIE_MARGIN / 2) for n in range(9)], 4, 10)
    assert cascade.verified_contents == [0, 1, 2]


def test_at_most_ten_tied_segments_are_verified() -> None:
    cascade = RecordingCascade()
    cascade.verify_segments([_whole(n, 0.95) for n in range(30)], 4, 10)
    assert cascade.verified_contents == list(range(10))


@dataclass
class CorrelationJudge:
    """Scores by windowed correlation; everything is a match, or nothing."""

    match: bool

    def score(self, answer: VerifiedFrame) -> float:
        return answer.comparison.windowed_correlation

    def is_match(self, _: VerifiedFrame) -> bool:
        return self.match

    is_conclusive = is_match


@pytest.mark.parametrize("match", [False, True])
def test_the_transform_of_the_best_answer_is_refined(match: bool) -> None:
    """But a negative does not become a match by an exact transform."""
    film = MovingDisc()
    cascade = SearchCascade(film.crop(23), film, CorrelationJudge(match))
    cascade.verify_segments([make_segment(40, IMPRECISE, vote_weight=5.0)], 1, 1)
    (rough,) = cascade.rank_verified()
    cascade.refine_best()
    (exact,) = cascade.rank_verified()
    assert exact.frame == 23
    # Half a pixel at the size at which crops are aligned.
    assert exact.hypothesis.transform == pytest.approx(CROPPED, abs=0.008)
    if match:
        assert exact.comparison.windowed_correlation > rough.comparison.windowed_correlation + 0.1
    else:
        assert exact.comparison == rough.comparison


def test_confidence_ranks_above_pixel_cost() -> None:
    class ReversedJudge(CorrelationJudge):
        def score(self, answer: VerifiedFrame) -> float:
            return -answer.comparison.windowed_correlation

    film = MovingDisc()
    cascade = SearchCascade(film.crop(23), film, ReversedJudge(match=True))
    cascade.verify_segments([make_segment(40, IMPRECISE, vote_weight=5.0)], 1, 1)
    rough = cascade.rank_verified()
    cascade.refine_best()
    assert cascade.rank_verified() == rough


def test_an_uncropped_answer_is_not_refined() -> None:
    answer = make_answer(0, 20, 0.1)
    whole = replace(answer, hypothesis=replace(answer.hypothesis, word_inliers=0), finalists=(20,))
    cascade = _cascade((whole, 2.0))  # which can read nothing
    cascade.refine_best()
    assert cascade.verified == [whole]


def test_no_answers_need_no_refinement() -> None:
    cascade = _cascade()
    cascade.refine_best()
    assert cascade.rank_verified() == []

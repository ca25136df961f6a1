"""What is followed up, confirmed and refined, and what is not any more."""

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
    """Takes every answer for a certain one."""

    def score(self, _: VerifiedFrame) -> float:
        return 5.0

    def is_match(self, _: VerifiedFrame) -> bool:
        return True

    is_conclusive = is_match


class Followed(SearchCascade):
    """Finds each lead at once, and remembers which it was asked to verify."""

    def __init__(self) -> None:
        self.tried: list[int] = []
        super().__init__(PICTURE, lambda *_, **__: None, AlwaysConclusive())

    def _verify(self, lead: CandidateSegment) -> None:
        self.tried.append(lead.content)
        self.verified.append(make_answer(lead.content, 2, 0.1))


def _whole(content: int, cosine: float) -> CandidateSegment:
    return CandidateSegment(content, 0, 5, (PoseHypothesis(2, np.eye(3), 0, 0.0, cosine),))


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_whole_frame_under_a_player_is_confirmed_by_its_patches(mirrored: bool) -> None:
    """Also when the embedding knew the shot and not the moment."""
    shown = [draw_random_picture(seed, (320, 180)) for seed in (3, 4)]
    asked = cv2.resize(shown[0], (640, 360))
    asked[280:] = 20
    if mirrored:
        asked = asked[:, ::-1]
    stored = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in shown]

    def read(content: int, frame: int, *, half: bool) -> Picture | None:
        assert content == 0
        gray = stored[frame > 30]
        small: Picture = cv2.resize(gray, (160, 90))
        return small if half else gray

    cascade = SearchCascade(np.ascontiguousarray(asked), read, Confidence.load())
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


def test_hopeless_candidates_are_not_verified() -> None:
    cascade = _cascade((make_answer(0, 20, 3.0), PROMISING_SCORE - 1))
    cascade.match_best_frame({0: 100})
    assert len(cascade.verified) == 1


def test_after_a_certain_answer_only_similar_candidates_are_verified() -> None:
    cascade = Followed()
    cascade.verify_segments([_whole(n, 0.95 - n * TIE_MARGIN / 2) for n in range(9)], 4, 10)
    assert cascade.tried == [0, 1, 2]


def test_near_duplicates_are_followed_up_to_a_bound() -> None:
    cascade = Followed()
    cascade.verify_segments([_whole(n, 0.95) for n in range(30)], 4, 10)
    assert cascade.tried == list(range(10))


@dataclass
class ByStructure:
    """Judges by structure alone, and takes everything for a match, or nothing."""

    match: bool

    def score(self, answer: VerifiedFrame) -> float:
        return answer.comparison.windowed_correlation

    def is_match(self, _: VerifiedFrame) -> bool:
        return self.match

    is_conclusive = is_match


@pytest.mark.parametrize("match", [False, True])
def test_the_first_answer_is_refined(match: bool) -> None:
    """But a negative does not become a match by an exact transform."""
    film = MovingDisc()
    cascade = SearchCascade(film.crop(23), film, ByStructure(match))
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
    class Doubtful(ByStructure):
        def score(self, answer: VerifiedFrame) -> float:
            return -answer.comparison.windowed_correlation

    film = MovingDisc()
    cascade = SearchCascade(film.crop(23), film, Doubtful(match=True))
    cascade.verify_segments([make_segment(40, IMPRECISE, vote_weight=5.0)], 1, 1)
    rough = cascade.rank_verified()
    cascade.refine_best()
    assert cascade.rank_verified() == rough


def test_a_whole_frame_has_the_identity_transform() -> None:
    answer = make_answer(0, 20, 0.1)
    whole = replace(answer, hypothesis=replace(answer.hypothesis, word_inliers=0), finalists=(20,))
    cascade = _cascade((whole, 2.0))  # which can read nothing
    cascade.refine_best()
    assert cascade.verified == [whole]


def test_no_answers_need_no_refinement() -> None:
    cascade = _cascade()
    cascade.refine_best()
    assert cascade.rank_verified() == []

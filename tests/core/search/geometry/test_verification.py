"""Verification finds the frame of a segment, and abandons hopeless segments early."""

from collections import Counter

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment, PoseHypothesis
from whenanime_pipeline.core.search.geometry.transform import Transform
from whenanime_pipeline.core.search.geometry.verification import QueryImage

Gray = NDArray[np.uint8]

COUNT = 60
SIZE = 320, 180
CROPPED = np.array([[0.5, 0, 0.3], [0, 0.5, 36 / 320], [0, 0, 1.0]])
IMPRECISE = np.array([[0.52, 0, 0.31], [0, 0.52, 31 / 320], [0, 0, 1.0]])


class Film:
    """A disc that crosses a drawn scene; counts the frames read, by `half`."""

    def __init__(self) -> None:
        self.scene: Gray = cv2.cvtColor(draw_random_picture(3, SIZE), cv2.COLOR_RGB2GRAY)
        self.reads: Counter[bool] = Counter()
        self.gone: set[int] = set()

    def frame(self, number: int) -> Gray:
        picture = self.scene.copy()
        cv2.circle(picture, (60 + 4 * number, 90), 18, 255, -1)
        return picture

    def __call__(self, content: int, frame: int, *, half: bool) -> Gray | None:
        assert content == 7
        self.reads[half] += 1
        if frame in self.gone:
            return None
        picture = self.frame(frame)
        return cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) if half \
            else picture  # fmt: skip


@pytest.fixture
def film() -> Film:
    return Film()


def _segment(
    keyframe: int, transform: Transform, *, vote_weight: float, mirrored: bool = False
) -> CandidateSegment:
    hypotheses = (
        PoseHypothesis(
            keyframe, transform, 9 if vote_weight else 0, vote_weight, 0.0 if vote_weight else 0.8
        ),
    )
    return CandidateSegment(7, 0, COUNT - 1, hypotheses, mirrored=mirrored)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("truth", [12, 23, 31])
def test_the_frame_of_a_crop_is_found(film: Film, truth: int, *, mirrored: bool) -> None:
    crop = film.frame(truth)[36:126, 96:256]
    query = QueryImage(np.ascontiguousarray(crop[:, ::-1]) if mirrored else crop)
    found = query.find_best_frame(_segment(40, CROPPED, vote_weight=5.0, mirrored=mirrored), film)
    assert found
    assert abs(found.frame - truth) <= 1
    assert found.first <= found.frame <= found.last
    assert found.comparison.correlation > 0.95
    assert found.comparison.reference_coverage == pytest.approx(0.25, abs=0.01)


def test_an_embedding_candidate_with_a_high_cost_is_abandoned(film: Film) -> None:
    other = cv2.cvtColor(draw_random_picture(8, SIZE), cv2.COLOR_RGB2GRAY)
    found = QueryImage(other).find_best_frame(_segment(40, np.eye(3), vote_weight=0.0), film)
    assert found is None or found.comparison.cost > 1
    assert film.reads == {True: 1, False: 1}
    assert QueryImage(film.frame(12)).find_best_frame(
        _segment(40, np.eye(3), vote_weight=0.0), film
    )
    assert film.reads[True] > COUNT / 2


def test_a_segment_much_costlier_than_the_best_is_abandoned(film: Film) -> None:
    """Unless the frame of its hypothesis costs little more: a neighbour may cost less."""
    query, segment = QueryImage(film.frame(12)), _segment(40, np.eye(3), vote_weight=5.0)
    alone = query.find_best_frame(segment, film)
    assert alone
    swept = film.reads[True]
    assert swept > COUNT / 2
    film.reads.clear()
    beaten = query.find_best_frame(segment, film, alone.coarse_cost - 9)
    assert beaten
    assert beaten.frame == 40
    assert film.reads == {True: 1, False: 1}
    assert alone.comparison.cost < beaten.comparison.cost
    film.reads.clear()
    assert query.find_best_frame(segment, film, beaten.coarse_cost - 0.1) == alone
    assert film.reads[True] == swept


def test_missing_frames_are_skipped(film: Film) -> None:
    query, segment = QueryImage(film.frame(20)), _segment(20, np.eye(3), vote_weight=5.0)
    film.gone = {20}
    found = query.find_best_frame(segment, film)
    assert found
    assert found.frame in (19, 21)
    film.gone = set(range(COUNT))
    assert query.find_best_frame(segment, film) is None


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("truth", [12, 23, 31])
def test_refinement_corrects_an_imprecise_transform(
    film: Film, truth: int, *, mirrored: bool
) -> None:
    crop = film.frame(truth)[36:126, 96:256]
    query = QueryImage(np.ascontiguousarray(crop[:, ::-1]) if mirrored else crop)
    rough = query.find_best_frame(_segment(40, IMPRECISE, vote_weight=5.0, mirrored=mirrored), film)
    assert rough
    exact = query.refine_frames(rough, film)
    assert exact
    assert exact.frame == truth
    assert exact.comparison.cost < rough.comparison.cost - 0.3
    # Half a pixel at the size at which crops are aligned.
    assert exact.hypothesis.transform == pytest.approx(CROPPED, abs=0.008)
    assert query.refine_frames(exact, film) is None


def test_missing_frames_yield_no_refinement(film: Film) -> None:
    query = QueryImage(film.frame(20)[36:126, 96:256])
    found = query.find_best_frame(_segment(20, IMPRECISE, vote_weight=5.0), film)
    assert found
    film.gone = set(range(COUNT))
    assert query.refine_frames(found, film) is None

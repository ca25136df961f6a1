"""Of a lead's frames, the one that a screenshot shows is found; hopeless leads cost little."""

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
BESIDE = np.array([[0.52, 0, 0.31], [0, 0.52, 31 / 320], [0, 0, 1.0]])


class Film:
    """A disc that crosses a drawn scene; counts what is read of it."""

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


def _lead(
    guess: int, placement: Transform, *, support: float, mirrored: bool = False
) -> CandidateSegment:
    guesses = (
        PoseHypothesis(guess, placement, 9 if support else 0, support, 0.0 if support else 0.8),
    )
    return CandidateSegment(7, 0, COUNT - 1, guesses, mirrored=mirrored)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("shown", [12, 23, 31])
def test_the_moment_of_a_crop_is_found(film: Film, shown: int, *, mirrored: bool) -> None:
    crop = film.frame(shown)[36:126, 96:256]
    screenshot = QueryImage(np.ascontiguousarray(crop[:, ::-1]) if mirrored else crop)
    found = screenshot.find_best_frame(_lead(40, CROPPED, support=5.0, mirrored=mirrored), film)
    assert found
    assert abs(found.frame - shown) <= 1
    assert found.first <= found.frame <= found.last
    assert found.comparison.correlation > 0.95
    assert found.comparison.reference_coverage == pytest.approx(0.25, abs=0.01)


def test_what_looks_alike_but_is_something_else_is_left_at_once(film: Film) -> None:
    other = cv2.cvtColor(draw_random_picture(8, SIZE), cv2.COLOR_RGB2GRAY)
    found = QueryImage(other).find_best_frame(_lead(40, np.eye(3), support=0.0), film)
    assert found is None or found.comparison.cost > 1
    assert film.reads == {True: 1, False: 1}
    assert QueryImage(film.frame(12)).find_best_frame(_lead(40, np.eye(3), support=0.0), film)
    assert film.reads[True] > COUNT / 2


def test_a_lead_that_another_has_beaten_is_left_where_it_was_guessed(film: Film) -> None:
    """Not so when the frame that was guessed is nearly as good: the one beside it may be better."""
    screenshot, lead = QueryImage(film.frame(12)), _lead(40, np.eye(3), support=5.0)
    alone = screenshot.find_best_frame(lead, film)
    assert alone
    swept = film.reads[True]
    assert swept > COUNT / 2
    film.reads.clear()
    beaten = screenshot.find_best_frame(lead, film, alone.coarse_cost - 9)
    assert beaten
    assert beaten.frame == 40
    assert film.reads == {True: 1, False: 1}
    assert alone.comparison.cost < beaten.comparison.cost
    film.reads.clear()
    assert screenshot.find_best_frame(lead, film, beaten.coarse_cost - 0.1) == alone
    assert film.reads[True] == swept


def test_frames_that_are_gone_are_left_out(film: Film) -> None:
    screenshot, lead = QueryImage(film.frame(20)), _lead(20, np.eye(3), support=5.0)
    film.gone = {20}
    found = screenshot.find_best_frame(lead, film)
    assert found
    assert found.frame in (19, 21)
    film.gone = set(range(COUNT))
    assert screenshot.find_best_frame(lead, film) is None


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("shown", [12, 23, 31])
def test_a_crop_is_pinpointed_where_its_placement_was_a_little_off(
    film: Film, shown: int, *, mirrored: bool
) -> None:
    crop = film.frame(shown)[36:126, 96:256]
    screenshot = QueryImage(np.ascontiguousarray(crop[:, ::-1]) if mirrored else crop)
    rough = screenshot.find_best_frame(_lead(40, BESIDE, support=5.0, mirrored=mirrored), film)
    assert rough
    exact = screenshot.refine_frames(rough, film)
    assert exact
    assert exact.frame == shown
    assert exact.comparison.cost < rough.comparison.cost - 0.3
    # Half a pixel at the size at which crops are aligned.
    assert exact.hypothesis.transform == pytest.approx(CROPPED, abs=0.008)
    assert screenshot.refine_frames(exact, film) is None


def test_of_what_is_gone_nothing_is_pinpointed(film: Film) -> None:
    screenshot = QueryImage(film.frame(20)[36:126, 96:256])
    found = screenshot.find_best_frame(_lead(20, BESIDE, support=5.0), film)
    assert found
    film.gone = set(range(COUNT))
    assert screenshot.refine_frames(found, film) is None

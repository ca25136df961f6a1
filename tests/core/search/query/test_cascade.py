"""What is followed up, confirmed and pinpointed, and what is not any more."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from judged import Scores, an_answer
from numpy.typing import NDArray

from whenanime_pipeline.core.sample.pictures import random_picture
from whenanime_pipeline.core.search.geometry.hypotheses import Guess, Lead
from whenanime_pipeline.core.search.geometry.transform import part
from whenanime_pipeline.core.search.geometry.verification import Read, Verified
from whenanime_pipeline.core.search.query.cascade import PROMISING, TIED, Inquiry
from whenanime_pipeline.core.search.query.confidence import Confidence

Picture = NDArray[np.uint8]

PICTURE: Picture = np.random.default_rng(0).integers(0, 256, (90, 160, 3), np.uint8)


def _inquiry(*answers: tuple[Verified, float]) -> Inquiry:
    inquiry = Inquiry(PICTURE, lambda *_, **__: None, Scores.told(*answers))
    inquiry.found = [answer for answer, _ in answers]
    return inquiry


def test_nothing_is_found_in_nothing() -> None:
    inquiry = Inquiry(PICTURE, lambda *_, **__: None, Scores({}))
    inquiry.follow([_whole(0, 0.9)], 4, 10)
    assert inquiry.answers() == []
    assert not inquiry.settled


class Followed(Inquiry):
    """Finds each lead at once, and remembers which it was asked to verify."""

    def __init__(self) -> None:
        self.verified: list[int] = []
        super().__init__(PICTURE, lambda *_, **__: None, self)

    def _verify(self, lead: Lead) -> None:
        self.verified.append(lead.content)
        self.found.append(an_answer(lead.content, 2, 0.1))

    def score(self, _: Verified) -> float:
        return 5.0

    believes = settles = lambda *_: True


def _whole(content: int, cosine: float) -> Lead:
    return Lead(content, 0, 5, (Guess(2, np.eye(3), 0, 0.0, cosine),))


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_whole_frame_under_a_player_is_confirmed_by_its_patches(mirrored: bool) -> None:
    """Also when the embedding knew the shot and not the moment."""
    shown = [random_picture(seed, (320, 180)) for seed in (3, 4)]
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

    inquiry = Inquiry(np.ascontiguousarray(asked), read, Confidence.load())
    whole = Guess(20, part((0, 0, 1, 0.5625), 0.5625), 0, 0.0, 0.8)
    inquiry.follow([Lead(0, 18, 22, (whole,), mirrored=mirrored)], 1, 1)
    assert inquiry.found[0].guess.matched == 0
    inquiry.confirm({0: 100})
    confirmed = inquiry.found[1]
    assert confirmed.guess.matched > 20
    assert confirmed.lead.mirrored == mirrored
    assert confirmed.last == 30
    score = Confidence.load().score
    assert score(confirmed) > score(inquiry.found[0])


def test_what_is_hopeless_is_not_confirmed() -> None:
    inquiry = _inquiry((an_answer(0, 20, 3.0), PROMISING - 1))
    inquiry.confirm({0: 100})
    assert len(inquiry.found) == 1


def test_once_one_is_certain_only_what_looks_the_same_is_followed_up() -> None:
    inquiry = Followed()
    inquiry.follow([_whole(n, 0.95 - n * TIED / 2) for n in range(9)], 4, 10)
    assert inquiry.verified == [0, 1, 2]


def test_doubles_are_followed_up_to_a_bound() -> None:
    inquiry = Followed()
    inquiry.follow([_whole(n, 0.95) for n in range(30)], 4, 10)
    assert inquiry.verified == list(range(10))


CROPPED = np.array([[0.5, 0, 0.3], [0, 0.5, 0.1125], [0, 0, 1.0]])
BESIDE = np.array([[0.52, 0, 0.31], [0, 0.52, 0.0975], [0, 0, 1.0]])


def _crossing(number: int) -> tuple[Picture, Read]:
    """Return a crop of a frame in which a disc crosses a scene, and what reads all of them."""
    scene = random_picture(3, (320, 180))

    def shown(number: int) -> Picture:
        picture = scene.copy()
        cv2.circle(picture, (60 + 4 * number, 90), 18, (255, 255, 255), -1)
        return picture

    def read(content: int, frame: int, *, half: bool) -> Picture:
        gray: Picture = cv2.cvtColor(shown(frame), cv2.COLOR_RGB2GRAY)
        small: Picture = cv2.resize(gray, (160, 90), interpolation=cv2.INTER_AREA)
        return small if half else gray

    return np.ascontiguousarray(shown(number)[36:126, 96:256]), read


@dataclass
class ByStructure:
    """Judges by structure alone, and takes everything for a match, or nothing."""

    match: bool

    def score(self, answer: Verified) -> float:
        return answer.agreement.structure

    def believes(self, _: Verified) -> bool:
        return self.match

    settles = believes


@pytest.mark.parametrize("match", [False, True])
def test_what_comes_first_is_pinpointed(match: bool) -> None:
    """But a stranger does not become a match by an exact placement."""
    crop, read = _crossing(23)
    inquiry = Inquiry(crop, read, ByStructure(match))
    inquiry.follow([Lead(0, 0, 59, (Guess(40, BESIDE, 9, 5.0, 0.0),))], 1, 1)
    (rough,) = inquiry.answers()
    inquiry.pinpoint()
    (exact,) = inquiry.answers()
    assert exact.frame == 23
    # Half a pixel at the size at which crops are aligned.
    assert exact.guess.placement == pytest.approx(CROPPED, abs=0.008)
    if match:
        assert exact.agreement.structure > rough.agreement.structure + 0.1
    else:
        assert exact.agreement == rough.agreement


def test_what_agrees_better_and_is_less_credible_does_not_come_first() -> None:
    class Doubtful(ByStructure):
        def score(self, answer: Verified) -> float:
            return -answer.agreement.structure

    crop, read = _crossing(23)
    inquiry = Inquiry(crop, read, Doubtful(match=True))
    inquiry.follow([Lead(0, 0, 59, (Guess(40, BESIDE, 9, 5.0, 0.0),))], 1, 1)
    rough = inquiry.answers()
    inquiry.pinpoint()
    assert inquiry.answers() == rough


def test_a_whole_frame_lies_as_it_does() -> None:
    answer = an_answer(0, 20, 0.1)
    whole = replace(answer, guess=replace(answer.guess, inliers=0), finalists=(20,))
    inquiry = _inquiry((whole, 2.0))  # which can read nothing
    inquiry.pinpoint()
    assert inquiry.found == [whole]


def test_where_nothing_was_found_nothing_is_pinpointed() -> None:
    inquiry = _inquiry()
    inquiry.pinpoint()
    assert inquiry.answers() == []

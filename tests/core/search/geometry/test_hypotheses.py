"""Key frames that lie close together are one shot."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.search.geometry.hypotheses import cluster_keyframes
from whenanime_pipeline.core.search.geometry.spatial_voting import KeyframeCandidate
from whenanime_pipeline.core.search.geometry.transform import Correspondences

FRAMES = {0: 300, 1: 5}
_PLACES = np.array([[0.1, 0.1], [0.8, 0.2], [0.5, 0.5]], np.float32)
PAIRS = Correspondences(_PLACES, _PLACES, np.ones(3, np.float32), np.ones(3, np.float32))


def _candidate(
    content: int, frame: int, support: float, *, mirrored: bool = False
) -> KeyframeCandidate:
    return KeyframeCandidate(content, frame, mirrored, PAIRS, support)


CANDIDATES = st.lists(
    st.builds(
        _candidate,
        content=st.just(0),
        frame=st.integers(0, 299),
        support=st.floats(0.1, 100),
        mirrored=st.booleans(),
    ),
    max_size=30,
)


@given(candidates=CANDIDATES)
def test_every_candidate_is_in_one_shot_and_the_best_come_first(
    candidates: list[KeyframeCandidate],
) -> None:
    found = cluster_keyframes(candidates, FRAMES)
    assert sum(len(shot.candidates) for shot in found) == len(candidates)
    supports = [shot.vote_weight for shot in found]
    assert supports == sorted(supports, reverse=True)
    for shot in found:
        assert 0 <= shot.first <= shot.candidates[0].frame <= shot.last < FRAMES[0]


def test_a_shot_is_one_and_its_mirror_image_another() -> None:
    shot = [_candidate(0, frame, frame) for frame in (100, 120, 150)]
    far = _candidate(0, 250, 1.0)
    mirrored = _candidate(0, 120, 2.0, mirrored=True)
    found = cluster_keyframes([*shot, far, mirrored], FRAMES)
    assert [len(shot.candidates) for shot in found] == [3, 1, 1]
    assert [shot.mirrored for shot in found] == [False, True, False]


def test_a_shot_does_not_leave_its_content() -> None:
    (shot,) = cluster_keyframes([_candidate(1, 3, 1.0)], FRAMES)
    assert (shot.first, shot.last) == (0, 4)


def test_a_shot_is_followed_up_with_what_is_known_of_it() -> None:
    (shot,) = cluster_keyframes(
        [_candidate(0, frame, frame) for frame in range(100, 140, 2)], FRAMES
    )
    lead = shot.to_segment()
    assert (lead.content, lead.first, lead.last) == (0, 90, 148)
    assert lead.hypotheses[0].frame == shot.fit_best_hypothesis().frame == 138
    assert lead.hypotheses[0].word_inliers == 3
    np.testing.assert_allclose(lead.hypotheses[0].transform, np.eye(3), atol=1e-6)
    assert len(lead.hypotheses) < len(shot.candidates)


def _panned(shift: float) -> Correspondences:
    return Correspondences(_PLACES, _PLACES + np.float32(shift), PAIRS.scales, PAIRS.weights)


def test_what_is_known_exactly_holds_while_the_camera_does() -> None:
    still = [_candidate(0, frame, 100 - frame) for frame in (20, 24, 28)]
    moved = KeyframeCandidate(0, 32, mirrored=False, correspondences=_panned(0.1), vote_weight=1.0)
    (shot,) = cluster_keyframes([*still, moved], FRAMES)
    exact = np.array([[1.0, 0, 0.001], [0, 1, 0], [0, 0, 1]])
    lead = shot.to_segment(
        replace(shot.fit_best_hypothesis(), transform=exact, descriptor_inliers=50)
    )
    assert [guess.frame for guess in lead.hypotheses] == [20, 24, 28, 32]
    assert [guess.descriptor_inliers for guess in lead.hypotheses] == [50, 50, 50, 0]
    assert all(guess.transform is exact for guess in lead.hypotheses[:3])
    np.testing.assert_allclose(lead.hypotheses[3].transform[:2, 2], 0.1, atol=1e-6)

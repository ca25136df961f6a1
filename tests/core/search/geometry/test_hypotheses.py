"""Neighbouring keyframes form one cluster and one segment to verify."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.search.geometry.hypotheses import cluster_keyframes
from whenanime_pipeline.core.search.geometry.spatial_voting import KeyframeCandidate
from whenanime_pipeline.core.search.geometry.transform import Correspondences

FRAME_COUNTS = {0: 300, 1: 5}
_POINTS = np.array([[0.1, 0.1], [0.8, 0.2], [0.5, 0.5]], np.float32)
PAIRS = Correspondences(_POINTS, _POINTS, np.ones(3, np.float32), np.ones(3, np.float32))


def _candidate(
    content: int, frame: int, vote_weight: float, *, mirrored: bool = False
) -> KeyframeCandidate:
    return KeyframeCandidate(content, frame, mirrored, PAIRS, vote_weight)


CANDIDATES = st.lists(
    st.builds(
        _candidate,
        content=st.just(0),
        frame=st.integers(0, 299),
        vote_weight=st.floats(0.1, 100),
        mirrored=st.booleans(),
    ),
    max_size=30,
)


@given(candidates=CANDIDATES)
def test_every_candidate_is_in_one_cluster_by_descending_weight(
    candidates: list[KeyframeCandidate],
) -> None:
    found = cluster_keyframes(candidates, FRAME_COUNTS)
    assert sum(len(cluster.candidates) for cluster in found) == len(candidates)
    vote_weights = [cluster.vote_weight for cluster in found]
    assert vote_weights == sorted(vote_weights, reverse=True)
    for cluster in found:
        assert 0 <= cluster.first <= cluster.candidates[0].frame <= cluster.last < FRAME_COUNTS[0]


def test_distant_and_mirrored_keyframes_form_other_clusters() -> None:
    near = [_candidate(0, frame, frame) for frame in (100, 120, 150)]
    far = _candidate(0, 250, 1.0)
    mirrored = _candidate(0, 120, 2.0, mirrored=True)
    found = cluster_keyframes([*near, far, mirrored], FRAME_COUNTS)
    assert [len(cluster.candidates) for cluster in found] == [3, 1, 1]
    assert [cluster.mirrored for cluster in found] == [False, True, False]


def test_a_segment_stays_within_its_content() -> None:
    (cluster,) = cluster_keyframes([_candidate(1, 3, 1.0)], FRAME_COUNTS)
    assert (cluster.first, cluster.last) == (0, 4)


def test_a_segment_has_the_hypotheses_of_the_best_keyframes() -> None:
    (cluster,) = cluster_keyframes(
        [_candidate(0, frame, frame) for frame in range(100, 140, 2)], FRAME_COUNTS
    )
    segment = cluster.to_segment()
    assert (segment.content, segment.first, segment.last) == (0, 90, 148)
    assert segment.hypotheses[0].frame == cluster.fit_best_hypothesis().frame == 138
    assert segment.hypotheses[0].word_inliers == 3
    np.testing.assert_allclose(segment.hypotheses[0].transform, np.eye(3), atol=1e-6)
    assert len(segment.hypotheses) < len(cluster.candidates)


def _panned(shift: float) -> Correspondences:
    return Correspondences(_POINTS, _POINTS + np.float32(shift), PAIRS.scales, PAIRS.weights)


def test_a_refined_transform_holds_for_consistent_keyframes() -> None:
    static = [_candidate(0, frame, 100 - frame) for frame in (20, 24, 28)]
    moved = KeyframeCandidate(0, 32, mirrored=False, correspondences=_panned(0.1), vote_weight=1.0)
    (cluster,) = cluster_keyframes([*static, moved], FRAME_COUNTS)
    exact = np.array([[1.0, 0, 0.001], [0, 1, 0], [0, 0, 1]])
    segment = cluster.to_segment(
        replace(cluster.fit_best_hypothesis(), transform=exact, descriptor_inliers=50)
    )
    assert [hypothesis.frame for hypothesis in segment.hypotheses] == [20, 24, 28, 32]
    assert [hypothesis.descriptor_inliers for hypothesis in segment.hypotheses] == [50, 50, 50, 0]
    assert all(hypothesis.transform is exact for hypothesis in segment.hypotheses[:3])
    np.testing.assert_allclose(segment.hypotheses[3].transform[:2, 2], 0.1, atol=1e-6)

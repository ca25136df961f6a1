import pytest

from whenanime_pipeline.core.themes.tagger.fusion import Prediction, choose_majority, fuse


def _vote(*spans: tuple[float, float]) -> list[Prediction]:
    return [Prediction(start, end, 0.9) for start, end in spans]


def test_a_majority_is_kept_and_a_minority_is_none() -> None:
    votes = [_vote((10, 100)), _vote((11, 100)), _vote((10, 101)), _vote((300, 380)), _vote()]
    (found,) = fuse(votes)
    assert (found.start, found.end) == (10, 100)
    assert found.support == pytest.approx(3 / 5)
    assert found.probability == pytest.approx(0.9 * 3 / 5)


def test_half_of_the_voters_is_none() -> None:
    assert fuse([_vote((10, 100)), _vote((10, 100)), _vote(), _vote()]) == []
    assert fuse([[], [], []]) == []
    assert fuse([]) == []


def test_a_voter_that_is_far_off_moves_no_boundary() -> None:
    (found,) = fuse([_vote((10, 100)), _vote((10.4, 100.2)), _vote((10.2, 140))])
    assert (found.start, found.end) == pytest.approx((10.2, 100.1))
    assert found.end_error == pytest.approx(20)


def test_several_segments_are_fused_each_by_its_own_cluster() -> None:
    votes = [_vote((0, 90), (700, 790)), _vote((1, 90), (701, 790)), _vote((0, 90))]
    assert [(one.start, one.end) for one in fuse(votes)] == [(0, 90), (700.5, 790)]


def test_one_voter_counts_once_however_many_segments_it_has() -> None:
    votes = [_vote((0, 40), (41, 90)), _vote(), _vote()]
    assert fuse(votes) == []


def test_the_largest_cluster_of_cut_points_wins() -> None:
    assert choose_majority([50.0, 10.0, 11.0, 10.5, 90.0]) == (10.5, 40.0)
    assert choose_majority([7.0]) == (7.0, 0.0)

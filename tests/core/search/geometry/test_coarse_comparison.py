"""The frames of a segment that are compared at the small size."""

import numpy as np
import pytest
from moving_disc import COUNT, MovingDisc, Picture, make_segment

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.geometry.coarse_comparison import (
    CoarseComparison,
    compare_frames,
)
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment
from whenanime_pipeline.core.search.geometry.query_crop import QueryCrop

WHOLE = np.eye(3)


@pytest.fixture
def film() -> MovingDisc:
    return MovingDisc()


def _compare(
    query: Picture, segment: CandidateSegment, film: MovingDisc, best_cost: float = np.inf
) -> CoarseComparison:
    return compare_frames(QueryCrop.from_gray(query, WHOLE, 1.0), segment, film, best_cost)


def test_a_long_segment_is_searched_densely_around_its_best_frames(film: MovingDisc) -> None:
    coarse = _compare(film.gray(13), make_segment(40, WHOLE, vote_weight=5.0), film)
    assert not coarse.is_abandoned
    assert coarse.rank_frames()[0] == 13
    assert {11, 12, 13, 14, 15} <= set(coarse.frames)
    assert COUNT / 2 < len(coarse.frames) < COUNT
    costs = [coarse.frames[frame].comparison.cost for frame in coarse.rank_frames()]
    assert costs == sorted(costs)


def test_an_embedding_candidate_with_a_high_cost_is_abandoned(film: MovingDisc) -> None:
    other = draw_random_picture(8, (320, 180))[..., 0]
    by_embedding = _compare(other, make_segment(40, WHOLE, vote_weight=0.0), film)
    assert by_embedding.is_abandoned
    assert list(by_embedding.frames) == [40]
    by_features = _compare(other, make_segment(40, WHOLE, vote_weight=5.0), film)
    assert not by_features.is_abandoned


def test_a_segment_much_costlier_than_the_best_is_abandoned(film: MovingDisc) -> None:
    segment = make_segment(40, WHOLE, vote_weight=5.0)
    cost = _compare(film.gray(12), segment, film).frames[40].comparison.cost
    assert not _compare(film.gray(12), segment, film, cost - 0.1).is_abandoned
    assert _compare(film.gray(12), segment, film, cost - 1.0).is_abandoned


def test_a_segment_without_frames_has_no_comparisons(film: MovingDisc) -> None:
    film.missing = set(range(COUNT))
    coarse = _compare(film.gray(12), make_segment(40, WHOLE, vote_weight=5.0), film)
    assert coarse.frames == {}
    assert coarse.rank_frames() == []

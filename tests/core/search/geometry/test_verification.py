"""Verification finds the frame of a segment, and abandons hopeless segments early."""

import numpy as np
import pytest
from moving_disc import COUNT, CROPPED, IMPRECISE, MovingDisc, Picture, make_segment

from whenanime_pipeline.core.search.geometry.verification import QueryImage

WHOLE = np.eye(3)


@pytest.fixture
def film() -> MovingDisc:
    return MovingDisc()


def _crop(film: MovingDisc, number: int, *, mirrored: bool = False) -> Picture:
    crop = film.gray(number)[36:126, 96:256]
    return np.ascontiguousarray(crop[:, ::-1] if mirrored else crop)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("truth", [12, 23, 31])
def test_the_frame_of_a_crop_is_found(film: MovingDisc, truth: int, *, mirrored: bool) -> None:
    query = QueryImage(_crop(film, truth, mirrored=mirrored))
    found = query.find_best_frame(
        make_segment(40, CROPPED, vote_weight=5.0, mirrored=mirrored), film
    )
    assert found
    assert abs(found.frame - truth) <= 1
    assert found.first <= found.frame <= found.last
    assert found.comparison.correlation > 0.95
    assert found.comparison.reference_coverage == pytest.approx(0.25, abs=0.01)


def test_of_an_abandoned_segment_one_frame_is_compared_at_the_large_size(film: MovingDisc) -> None:
    query, segment = QueryImage(film.gray(12)), make_segment(40, WHOLE, vote_weight=5.0)
    alone = query.find_best_frame(segment, film)
    assert alone
    reads = film.reads[True]
    assert reads > COUNT / 2
    film.reads.clear()
    abandoned = query.find_best_frame(segment, film, alone.coarse_cost - 9)
    assert abandoned
    assert abandoned.frame == 40
    assert film.reads == {True: 1, False: 1}
    assert alone.comparison.cost < abandoned.comparison.cost
    film.reads.clear()
    # Its frame costs little more than the best: a neighbour may cost less.
    assert query.find_best_frame(segment, film, abandoned.coarse_cost - 0.1) == alone
    assert film.reads[True] == reads


def test_missing_frames_are_skipped(film: MovingDisc) -> None:
    query, segment = QueryImage(film.gray(20)), make_segment(20, WHOLE, vote_weight=5.0)
    film.missing = {20}
    found = query.find_best_frame(segment, film)
    assert found
    assert found.frame in (19, 21)
    film.missing = set(range(COUNT))
    assert query.find_best_frame(segment, film) is None


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("truth", [12, 23, 31])
def test_refinement_corrects_an_imprecise_transform(
    film: MovingDisc, truth: int, *, mirrored: bool
) -> None:
    query = QueryImage(_crop(film, truth, mirrored=mirrored))
    rough = query.find_best_frame(
        make_segment(40, IMPRECISE, vote_weight=5.0, mirrored=mirrored), film
    )
    assert rough
    exact = query.refine_frames(rough, film)
    assert exact
    assert exact.frame == truth
    assert exact.comparison.cost < rough.comparison.cost - 0.3
    # Half a pixel at the size at which crops are aligned.
    assert exact.hypothesis.transform == pytest.approx(CROPPED, abs=0.008)
    assert query.refine_frames(exact, film) is None


def test_missing_frames_yield_no_refinement(film: MovingDisc) -> None:
    query = QueryImage(_crop(film, 20))
    found = query.find_best_frame(make_segment(20, IMPRECISE, vote_weight=5.0), film)
    assert found
    film.missing = set(range(COUNT))
    assert query.refine_frames(found, film) is None

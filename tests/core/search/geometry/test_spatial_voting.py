"""Consistent matches find their keyframe among many random ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.spatial_voting import (
    KeyframeCandidate,
    find_keyframe_candidates,
)
from whenanime_pipeline.core.search.geometry.transform import estimate_transform
from whenanime_pipeline.core.search.local.features import DIMENSION, LocalFeatures
from whenanime_pipeline.core.search.local.local_index import KeyframeTable, Matches

COUNT = 40
SCALE, SHIFT = 0.5, np.array([0.3, 0.1], np.float32)
KEYFRAME = 5
KEYFRAMES = KeyframeTable(
    content=np.repeat(np.arange(4), 3).astype(np.int32),
    frame=np.tile([0, 7, 20], 4).astype(np.int32),
    feature_count=np.full(12, 150, np.int32),
)


def _features() -> LocalFeatures:
    rng = np.random.default_rng(0)
    points = (rng.random((COUNT, 2)) * (1, 0.5625)).astype(np.float32)
    sizes = rng.uniform(0.02, 0.1, COUNT).astype(np.float32)
    return LocalFeatures(points, sizes, np.zeros((COUNT, DIMENSION), np.float32), 0.5625)


def _correct_matches(features: LocalFeatures, rows: NDArray[np.int32], distance: int) -> Matches:
    """Return correct matches with the keyframe that the query shows."""
    return Matches(
        query=rows,
        keyframe=np.full(len(rows), KEYFRAME, np.int32),
        points=SCALE * features.points[rows] + SHIFT,
        sizes=SCALE * features.sizes[rows],
        distance=np.full(len(rows), distance, np.uint8),
    )


def _random_matches(seed: int, count: int, distance: int, key: int | None = None) -> Matches:
    """Return random matches, in one keyframe or in all."""
    rng = np.random.default_rng(seed)
    keys = rng.integers(0, len(KEYFRAMES), count) if key is None else np.full(count, key)
    return Matches(
        query=rng.integers(0, COUNT, count).astype(np.int32),
        keyframe=keys.astype(np.int32),
        points=rng.random((count, 2)).astype(np.float32),
        sizes=rng.uniform(0.01, 0.2, count).astype(np.float32),
        distance=np.full(count, distance, np.uint8),
    )


def _concatenate(*parts: Matches) -> Matches:
    names = ("query", "keyframe", "points", "sizes", "distance")
    return Matches(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _find(matches: Matches, *, mirrored: bool = False) -> list[KeyframeCandidate]:
    return find_keyframe_candidates(_features(), matches, KEYFRAMES, mirrored=mirrored)


@pytest.mark.parametrize("mirrored", [False, True])
def test_consistent_matches_outweigh_many_random_ones(mirrored: bool) -> None:
    some = np.arange(0, COUNT, 2, dtype=np.int32)
    found = _find(
        _concatenate(_random_matches(1, 600, 12), _correct_matches(_features(), some, 8)),
        mirrored=mirrored,
    )
    best = found[0]
    assert (best.content, best.frame, best.mirrored) == (1, 20, mirrored)
    transform, inliers = estimate_transform(best.correspondences)
    assert inliers >= len(some)
    np.testing.assert_allclose(
        transform, [[SCALE, 0, SHIFT[0]], [0, SCALE, SHIFT[1]], [0, 0, 1]], atol=0.02
    )
    assert all(other.vote_weight < best.vote_weight / 2 for other in found[1:])


def test_a_feature_votes_once_per_keyframe_by_its_best_match() -> None:
    every = np.arange(COUNT, dtype=np.int32)
    right = _correct_matches(_features(), every, 4)
    alone = _find(right)[0]
    for parts in (
        (right, _random_matches(2, 900, 5, KEYFRAME)),
        (_random_matches(2, 900, 5, KEYFRAME), right),
    ):
        crowded = _find(_concatenate(*parts))[0]
        assert len(crowded.correspondences) == len(alone.correspondences) == COUNT
        assert crowded.vote_weight == pytest.approx(alone.vote_weight)


def test_fewer_than_three_matches_yield_no_candidate() -> None:
    assert _find(_correct_matches(_features(), np.arange(2, dtype=np.int32), 0)) == []
    assert len(_find(_correct_matches(_features(), np.arange(3, dtype=np.int32), 0))) == 1
    assert _find(_random_matches(1, 0, 0)) == []

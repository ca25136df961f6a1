"""Transforms are estimated from matches, with and without outliers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenanime_pipeline.core.search.geometry.transform import (
    Correspondences,
    Transform,
    estimate_transform,
    transform_from_box,
    transform_points,
)

CORNERS = np.array([[0, 0], [1, 0], [1, 0.5], [0, 0.5]])


def _points(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform((0, 0), (1, 0.5), (count, 2)).astype(np.float32)


def _fit(
    points: NDArray[np.float32], targets: NDArray[np.float64], scale: float
) -> tuple[Transform, int]:
    ones = np.ones(len(points), np.float32)
    return estimate_transform(
        Correspondences(points, targets.astype(np.float32), np.float32(scale) * ones, ones)
    )


def test_a_box_maps_to_the_whole_frame() -> None:
    box = (0.25, 0.1, 0.75, 0.4)
    inside = np.array([[0.25, 0.1], [0.75, 0.1], [0.75, 0.4], [0.25, 0.4]])
    expected = np.array([[0, 0], [1, 0], [1, 0.6], [0, 0.6]])
    np.testing.assert_allclose(
        transform_points(transform_from_box(box, 0.6), inside), expected, atol=1e-12
    )


@given(
    count=st.integers(1, 60),
    scale=st.floats(0.2, 4),
    across=st.floats(-2, 2),
    down=st.floats(-2, 2),
)
def test_scale_and_shift_are_fitted_to_any_number_of_matches(
    count: int, scale: float, across: float, down: float
) -> None:
    points = _points(count)
    targets = scale * points.astype(np.float64) + (across, down)
    transform, fits = _fit(points, targets, scale)
    assert fits == count
    np.testing.assert_allclose(
        transform_points(transform, points), targets, atol=1e-3 * scale + 1e-3
    )


@pytest.mark.parametrize("wrong", [2, 5])
def test_outliers_are_dropped(wrong: int) -> None:
    points = _points(40)
    targets = points.astype(np.float64) * (0.5, 0.6) + (0.2, 0.1)
    targets[:wrong] += 0.05
    transform, fits = _fit(points, targets, 0.55)
    assert fits == 40 - wrong
    np.testing.assert_allclose(
        transform_points(transform, points[wrong:]), targets[wrong:], atol=5e-3
    )


def test_a_homography_is_fitted_to_many_matches() -> None:
    truth = np.array([[0.9, 0.05, 0.03], [0.02, 0.95, 0.04], [0.1, 0.06, 1.0]])
    points = _points(60)
    transform, fits = _fit(points, transform_points(truth, points), 0.9)
    assert fits == 60
    np.testing.assert_allclose(
        transform_points(transform, CORNERS), transform_points(truth, CORNERS), atol=2e-3
    )

"""Guided descriptor matching estimates a precise transform, or none."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.geometry.descriptor_matching import (
    compute_search_window,
    match_descriptors,
)
from whenanime_pipeline.core.search.geometry.transform import Transform, transform_points
from whenanime_pipeline.core.search.local.detector import QUERY_SETTINGS, REFERENCE_SETTINGS, detect
from whenanime_pipeline.core.search.local.features import LocalFeatures

Picture = NDArray[np.uint8]

SIZE = 640, 360
CORNERS = np.array([[0, 0], [1, 0], [1, 0.5625], [0, 0.5625]])


def _reference_features(seed: int) -> LocalFeatures:
    return detect(cv2.resize(draw_random_picture(seed, SIZE), (320, 180)), REFERENCE_SETTINGS)


def _warp_query(picture: Picture, transform: Transform) -> Picture:
    """Return the query that shows a picture under a transform."""
    scale = np.diag([1 / SIZE[0], 1 / SIZE[0], 1.0])
    warp = np.linalg.inv(scale) @ transform @ scale
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen: Picture = cv2.warpPerspective(picture, warp, SIZE, flags=flags)
    return seen


def _max_error(found: Transform, expected: Transform) -> float:
    """Return the largest error of a query's corners, in widths."""
    return float(
        np.abs(transform_points(found, CORNERS) - transform_points(expected, CORNERS)).max()
    )


def _perturb(transform: Transform) -> Transform:
    moved = transform.copy()
    moved[:2, 2] += (0.03, -0.02)
    moved[0, 0] *= 1.05
    return moved


CROPPED = np.array([[0.5, 0, 0.3], [0, 0.6, 0.15], [0, 0, 1.0]])
PHOTOGRAPHED = np.array([[1.25, 0.06, -0.1], [-0.04, 1.2, -0.06], [0.08, 0.03, 1.0]])


@pytest.mark.parametrize("transform", [CROPPED, PHOTOGRAPHED], ids=["crop", "photo"])
@pytest.mark.parametrize("seed", [3, 4, 7])
def test_a_rough_transform_is_refined(transform: Transform, seed: int) -> None:
    query = detect(_warp_query(draw_random_picture(seed, SIZE), transform), QUERY_SETTINGS)
    found = match_descriptors(query, _reference_features(seed), _perturb(transform))
    assert found
    exact, pairs = found
    assert pairs > 20
    assert _max_error(exact, transform) < 0.01 < _max_error(_perturb(transform), transform)


@pytest.mark.parametrize("seed", [3, 4, 7])
def test_a_photo_matches_in_all_corners(seed: int) -> None:
    """The initial transform of a photo may be right in one corner and far off in the others."""
    upright = np.array([[1.25, 0, -0.13], [0, 1.25, -0.06], [0, 0, 1.0]])
    turned = np.array([[1.25, 0.16, -0.16], [-0.12, 1.2, -0.02], [0.1, 0.05, 1.0]])
    assert _max_error(upright, turned) > 0.05
    query = detect(_warp_query(draw_random_picture(seed, SIZE), turned), QUERY_SETTINGS)
    found = match_descriptors(query, _reference_features(seed), upright)
    assert found
    # 0.02 widths are about four pixels of the 224 at which reference features are computed.
    assert _max_error(found[0], turned) < 0.02


def test_a_crop_gets_a_scale_and_shift_per_axis() -> None:
    query = detect(_warp_query(draw_random_picture(3, SIZE), CROPPED), QUERY_SETTINGS)
    found = match_descriptors(query, _reference_features(3), _perturb(CROPPED))
    assert found
    np.testing.assert_array_equal(found[0] == 0, CROPPED == 0)


def test_a_mirrored_query_matches_only_as_its_mirror_image() -> None:
    picture = np.ascontiguousarray(_warp_query(draw_random_picture(3, SIZE), CROPPED)[:, ::-1])
    query = detect(picture, QUERY_SETTINGS)
    assert match_descriptors(query, _reference_features(3), _perturb(CROPPED)) is None
    found = match_descriptors(query.mirror(), _reference_features(3), _perturb(CROPPED))
    assert found
    assert _max_error(found[0], CROPPED) < 0.01


@pytest.mark.parametrize("seed", range(8))
def test_another_picture_does_not_match(seed: int) -> None:
    query = detect(_warp_query(draw_random_picture(seed, SIZE), CROPPED), QUERY_SETTINGS)
    found = match_descriptors(query, _reference_features(seed + 100), CROPPED)
    assert found is None or found[1] < 12


@pytest.mark.parametrize(
    "initial",
    [
        np.zeros((3, 3)),
        np.full((3, 3), np.nan),
        np.array([[1, 0, 9], [0, 1, 9], [0, 0, 1.0]]),
        np.array([[1e-9, 0, 0], [0, 1e-9, 0], [0, 0, 1.0]]),
    ],
    ids=["zero", "nan", "outside", "a point"],
)
def test_an_implausible_initial_transform_yields_none(initial: Transform) -> None:
    query = detect(draw_random_picture(3, SIZE), QUERY_SETTINGS)
    assert match_descriptors(query, _reference_features(3), initial) is None


def test_pictures_without_features_yield_none() -> None:
    nothing = LocalFeatures.empty(0.5625)
    assert match_descriptors(nothing, _reference_features(3), np.eye(3)) is None
    assert match_descriptors(_reference_features(3), nothing, np.eye(3)) is None


def test_the_search_window_contains_the_query() -> None:
    left, top, right, bottom = compute_search_window(CROPPED, 0.5625) or pytest.fail(
        "the window is finite"
    )
    expected = transform_points(CROPPED, CORNERS)
    assert (expected.min(axis=0) > (left, top)).all()
    assert (expected.max(axis=0) < (right, bottom)).all()
    assert (right - left) * (bottom - top) < 0.5
    assert compute_search_window(np.full((3, 3), np.nan), 0.5625) is None

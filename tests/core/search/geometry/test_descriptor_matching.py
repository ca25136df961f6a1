"""Where a screenshot lies on a stored frame is found to the pixel, or not at all."""

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


def _stored(seed: int) -> LocalFeatures:
    return detect(cv2.resize(draw_random_picture(seed, SIZE), (320, 180)), REFERENCE_SETTINGS)


def _seen(picture: Picture, placement: Transform) -> Picture:
    """Return what a screenshot with a placement shows of a picture."""
    scale = np.diag([1 / SIZE[0], 1 / SIZE[0], 1.0])
    warp = np.linalg.inv(scale) @ placement @ scale
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen: Picture = cv2.warpPerspective(picture, warp, SIZE, flags=flags)
    return seen


def _off(found: Transform, expected: Transform) -> float:
    """Return by how many widths the corners of a screenshot are misplaced at most."""
    return float(
        np.abs(transform_points(found, CORNERS) - transform_points(expected, CORNERS)).max()
    )


def _rough(placement: Transform) -> Transform:
    moved = placement.copy()
    moved[:2, 2] += (0.03, -0.02)
    moved[0, 0] *= 1.05
    return moved


CROPPED = np.array([[0.5, 0, 0.3], [0, 0.6, 0.15], [0, 0, 1.0]])
PHOTOGRAPHED = np.array([[1.25, 0.06, -0.1], [-0.04, 1.2, -0.06], [0.08, 0.03, 1.0]])


@pytest.mark.parametrize("placement", [CROPPED, PHOTOGRAPHED], ids=["crop", "photo"])
@pytest.mark.parametrize("seed", [3, 4, 7])
def test_a_rough_placement_becomes_exact(placement: Transform, seed: int) -> None:
    own = detect(_seen(draw_random_picture(seed, SIZE), placement), QUERY_SETTINGS)
    found = match_descriptors(own, _stored(seed), _rough(placement))
    assert found
    exact, pairs = found
    assert pairs > 20
    assert _off(exact, placement) < 0.01 < _off(_rough(placement), placement)


@pytest.mark.parametrize("seed", [3, 4, 7])
def test_a_photo_fits_all_over_and_not_in_one_corner(seed: int) -> None:
    """The rough placement of a photo is right where most pairs lie, and far off elsewhere."""
    upright = np.array([[1.25, 0, -0.13], [0, 1.25, -0.06], [0, 0, 1.0]])
    turned = np.array([[1.25, 0.16, -0.16], [-0.12, 1.2, -0.02], [0.1, 0.05, 1.0]])
    assert _off(upright, turned) > 0.05
    own = detect(_seen(draw_random_picture(seed, SIZE), turned), QUERY_SETTINGS)
    found = match_descriptors(own, _stored(seed), upright)
    assert found
    # Four pixels of the 224 at which the stored frame is described, at the farthest corner.
    assert _off(found[0], turned) < 0.02


def test_a_crop_has_no_angle() -> None:
    own = detect(_seen(draw_random_picture(3, SIZE), CROPPED), QUERY_SETTINGS)
    found = match_descriptors(own, _stored(3), _rough(CROPPED))
    assert found
    np.testing.assert_array_equal(found[0] == 0, CROPPED == 0)


def test_a_mirrored_screenshot_lies_there_as_its_mirror_image() -> None:
    picture = np.ascontiguousarray(_seen(draw_random_picture(3, SIZE), CROPPED)[:, ::-1])
    own = detect(picture, QUERY_SETTINGS)
    assert match_descriptors(own, _stored(3), _rough(CROPPED)) is None
    found = match_descriptors(own.mirror(), _stored(3), _rough(CROPPED))
    assert found
    assert _off(found[0], CROPPED) < 0.01


@pytest.mark.parametrize("seed", range(8))
def test_another_picture_does_not_match(seed: int) -> None:
    own = detect(_seen(draw_random_picture(seed, SIZE), CROPPED), QUERY_SETTINGS)
    found = match_descriptors(own, _stored(seed + 100), CROPPED)
    assert found is None or found[1] < 12


@pytest.mark.parametrize(
    "rough",
    [
        np.zeros((3, 3)),
        np.full((3, 3), np.nan),
        np.array([[1, 0, 9], [0, 1, 9], [0, 0, 1.0]]),
        np.array([[1e-9, 0, 0], [0, 1e-9, 0], [0, 0, 1.0]]),
    ],
    ids=["nothing", "nan", "beside it", "a point"],
)
def test_a_rough_placement_that_is_nonsense_finds_nothing(rough: Transform) -> None:
    own = detect(draw_random_picture(3, SIZE), QUERY_SETTINGS)
    assert match_descriptors(own, _stored(3), rough) is None


def test_what_shows_nothing_finds_nothing() -> None:
    nothing = LocalFeatures.empty(0.5625)
    assert match_descriptors(nothing, _stored(3), np.eye(3)) is None
    assert match_descriptors(_stored(3), nothing, np.eye(3)) is None


def test_pairs_lie_in_the_part_that_is_looked_at() -> None:
    left, top, right, bottom = compute_search_window(CROPPED, 0.5625) or pytest.fail(
        "it is somewhere"
    )
    expected = transform_points(CROPPED, CORNERS)
    assert (expected.min(axis=0) > (left, top)).all()
    assert (expected.max(axis=0) < (right, bottom)).all()
    assert (right - left) * (bottom - top) < 0.5
    assert compute_search_window(np.full((3, 3), np.nan), 0.5625) is None

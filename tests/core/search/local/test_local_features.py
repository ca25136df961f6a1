import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.local.detector import (
    KEYFRAME_SETTINGS,
    QUERY_SETTINGS,
    REFERENCE_SETTINGS,
    DetectorSettings,
    detect,
    detect_in_box,
)
from whenanime_pipeline.core.search.local.features import DIMENSION, LocalFeatures
from whenanime_pipeline.core.search.local.packing import pack, unpack

Picture = NDArray[np.uint8]

MANY = DetectorSettings(400, 400)


@pytest.fixture(scope="module")
def picture() -> Picture:
    return draw_random_picture(3, (640, 360))


def _same(one: LocalFeatures, other: LocalFeatures, within: float) -> NDArray[np.int64]:
    """Return for each feature of `one` the row of `other` at the same place, -1 where none is."""
    apart = np.abs(one.points[:, None] - other.points[None]).max(axis=2)
    ratio = np.abs(np.log2(one.sizes[:, None] / other.sizes[None]))
    apart[ratio > 0.2] = np.inf
    return np.where(apart.min(axis=1) <= within, apart.argmin(axis=1), -1)


def test_a_feature_has_a_point_a_size_and_a_unit_descriptor(picture: Picture) -> None:
    found = detect(picture, DetectorSettings(400, 200))
    assert len(found) == 200
    assert found.points.shape == (200, 2)
    assert found.descriptors.shape == (200, DIMENSION)
    assert found.points.dtype == found.sizes.dtype == found.descriptors.dtype == np.float32
    assert found.aspect == 360 / 640
    assert ((found.points >= 0) & (found.points < (1, found.aspect))).all()
    assert ((found.sizes > 0) & (found.sizes < 1)).all()
    np.testing.assert_allclose(np.linalg.norm(found.descriptors, axis=1), 1, atol=1e-5)


def test_mirrored_features_equal_those_of_the_mirror_image(picture: Picture) -> None:
    other = detect(np.ascontiguousarray(picture[:, ::-1]), MANY)
    own = detect(picture, MANY).mirror()
    rows = _same(own, other, 0.004)
    met = rows >= 0
    assert met.mean() > 0.75
    cosines = (own.descriptors[met] * other.descriptors[rows[met]]).sum(axis=1)
    assert np.median(cosines) > 0.99
    plain = detect(picture, MANY).descriptors
    assert np.median((plain[met] * other.descriptors[rows[met]]).sum(axis=1)) < 0.9


def test_mirroring_twice_is_the_identity(picture: Picture) -> None:
    own = detect(picture, QUERY_SETTINGS)
    twice = own.mirror().mirror()
    np.testing.assert_allclose(twice.points, own.points, atol=1e-6)
    np.testing.assert_array_equal(twice.descriptors, own.descriptors)
    np.testing.assert_array_equal(twice.sizes, own.sizes)


def test_features_do_not_depend_on_the_resolution(picture: Picture) -> None:
    large = cv2.resize(picture, (1280, 720), interpolation=cv2.INTER_CUBIC)
    one, other = detect(picture, MANY), detect(large, MANY)
    assert (_same(one, other, 0.005) >= 0).mean() > 0.8


def test_features_are_spread_over_the_picture() -> None:
    """Lettering has stronger corners than drawing, and is not in the film."""
    picture = draw_random_picture(3, (640, 360))
    for row in range(3):
        text = "WHO SAID THAT? I DID! WHAT DID YOU SAY?"
        place = (10, 280 + 30 * row)
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_DUPLEX, 0.9, (255, 255, 255), 2)
    found = detect(picture, DetectorSettings(400, 100))
    assert (found.points[:, 1] < 0.6 * found.aspect).mean() > 0.4


def test_query_features_are_spread_over_scales(picture: Picture) -> None:
    """A crop that is shown large has its strongest corners where the small frame has none."""
    grain = np.random.default_rng(0).integers(-40, 40, picture.shape)
    noisy = np.clip(picture.astype(int) + grain, 0, 255).astype(np.uint8)
    spread, strongest = (
        detect(noisy, detail).take_first(300)
        for detail in (QUERY_SETTINGS, DetectorSettings(400, 300))
    )
    coarse = 8 / 400
    assert (spread.sizes > coarse).mean() > 2 * (strongest.sizes > coarse).mean()


def test_a_gray_picture_is_described_like_a_coloured_one(picture: Picture) -> None:
    one, other = (
        detect(picture, REFERENCE_SETTINGS),
        detect(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), REFERENCE_SETTINGS),
    )
    np.testing.assert_array_equal(one.descriptors, other.descriptors)


def test_taking_the_first_features_keeps_their_order(picture: Picture) -> None:
    found = detect(picture, QUERY_SETTINGS)
    first = found.take_first(10)
    assert len(first) == 10
    assert first.aspect == found.aspect
    np.testing.assert_array_equal(first.points, found.points[:10])
    assert len(found.take_first(10_000)) == len(found)


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (15, 40), (720, 3), (360, 640)])
def test_flat_pictures_have_no_features(shape: tuple[int, int]) -> None:
    found = detect(np.full((*shape, 3), 128, np.uint8), QUERY_SETTINGS)
    assert len(found) == len(found.mirror()) == 0
    assert found.descriptors.shape == (0, DIMENSION)


def test_the_same_picture_gives_the_same_features(picture: Picture) -> None:
    one, other = detect(picture, KEYFRAME_SETTINGS), detect(picture.copy(), KEYFRAME_SETTINGS)
    np.testing.assert_array_equal(one.points, other.points)
    np.testing.assert_array_equal(one.descriptors, other.descriptors)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1023 / 1024, width=32),
            st.floats(0, 127 / 64, width=32),
            st.floats(1 / 512, 1, width=32),
        ),
        max_size=40,
    )
)
@settings(deadline=None)
def test_packing_keeps_positions_and_sizes(rows: list[tuple[float, float, float]]) -> None:
    array = np.array(rows, np.float32).reshape(-1, 3)
    points, sizes = unpack(pack(array[:, :2], array[:, 2]))
    assert np.abs(points - array[:, :2]).max(initial=0) <= 1 / 4096
    assert np.abs(np.log2(sizes / array[:, 2])).max(initial=0) <= 0.5 * 9 / 127 + 1e-5


def test_positions_outside_are_clipped() -> None:
    points, sizes = unpack(
        pack(np.array([[-1, 5], [1, 0]], np.float32), np.array([0, 9], np.float32))
    )
    assert points.min() >= 0
    assert points[0, 1] > 1.99
    assert points[1, 0] > 0.99
    assert sizes[0] == np.float32(1 / 512)
    assert sizes[1] == 1


def test_features_of_a_part_have_coordinates_of_the_whole() -> None:
    picture = draw_random_picture(3, (320, 180))
    whole = detect(picture, REFERENCE_SETTINGS)
    part = detect_in_box(picture, (0.25, 0.125, 0.75, 0.5), REFERENCE_SETTINGS)
    assert part.aspect == whole.aspect
    assert len(part) > 20
    assert (part.points >= (0.25, 0.125)).all()
    assert (part.points <= (0.75, 0.5)).all()
    alike = part.descriptors @ whole.descriptors.T
    best = alike.argmax(axis=1)
    same = alike.max(axis=1) > 0.98
    assert same.sum() > 10
    np.testing.assert_allclose(part.points[same], whole.points[best[same]], atol=0.004)
    # The whole is scaled down and the part is not: SIFT's steps of sizes, a third of an octave (26
    # %) each, lie elsewhere then.
    np.testing.assert_allclose(part.sizes[same], whole.sizes[best[same]], rtol=0.13)


@pytest.mark.parametrize("box", [(1.2, 0.0, 1.5, 0.5), (-2.0, -2.0, -1.0, -1.0)])
def test_a_part_outside_the_picture_has_no_features(box: tuple[float, float, float, float]) -> None:
    assert len(detect_in_box(draw_random_picture(3, (320, 180)), box, REFERENCE_SETTINGS)) == 0

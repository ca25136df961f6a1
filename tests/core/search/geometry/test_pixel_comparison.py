"""Pixel comparison separates right from wrong frames, under overlays and changed tones."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.geometry.pixel_comparison import ScaledQuery
from whenanime_pipeline.core.search.geometry.transform import transform_from_box

Gray = NDArray[np.uint8]
IDENTITY = np.eye(3)


def _gray(seed: int) -> Gray:
    gray: Gray = cv2.cvtColor(draw_random_picture(seed, (320, 180)), cv2.COLOR_RGB2GRAY)
    return gray


def test_a_picture_agrees_with_itself() -> None:
    found = ScaledQuery(_gray(1), 160).compare(_gray(1), IDENTITY)
    assert found.residual < 0.05
    assert found.correlation > 0.99
    assert found.query_coverage == pytest.approx(1)
    assert found.reference_coverage == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("tones", [(0.5, 40), (1.5, -30)])
def test_a_change_of_tones_costs_less_than_another_picture(tones: tuple[float, float]) -> None:
    gain, lift = tones
    query = np.clip(_gray(1) * gain + lift, 0, 255).astype(np.uint8)
    same = ScaledQuery(query, 160).compare(_gray(1), IDENTITY)
    other = ScaledQuery(query, 160).compare(_gray(2), IDENTITY)
    assert same.residual < other.residual / 2
    assert same.correlation > other.correlation


def test_a_sticker_costs_less_than_another_picture() -> None:
    query = _gray(1)
    cv2.circle(query, (90, 90), 45, 255, -1)
    same = ScaledQuery(query, 160).compare(_gray(1), IDENTITY)
    other = ScaledQuery(query, 160).compare(_gray(2), IDENTITY)
    assert same.residual < other.residual / 2


def test_a_crop_matches_under_its_transform_only() -> None:
    reference = _gray(3)
    crop = np.ascontiguousarray(reference[45:135, 80:240])
    # The crop's left edge is at a quarter of the picture, and it is half as wide.
    transform = transform_from_box((-0.5, -0.28125, 1.5, 0.84375), 0.5625)
    right = ScaledQuery(crop, 160).compare(reference, transform)
    wrong = ScaledQuery(crop, 160).compare(reference, IDENTITY)
    assert right.residual < 0.1 < wrong.residual
    assert right.reference_coverage == pytest.approx(0.25, abs=0.02)


def test_a_transform_outside_the_frame_yields_no_overlap() -> None:
    found = ScaledQuery(_gray(1), 160).compare(_gray(1), transform_from_box((5, 5, 6, 6), 0.5625))
    assert found.query_coverage == 0
    assert np.isinf(found.residual)


def _add_glare(gray: Gray) -> Gray:
    """Return a picture with the reflection of a lamp, as in a photo of a screen."""
    light = np.zeros(gray.shape, np.float32)
    cv2.ellipse(light, (240, 60), (90, 50), 20, 0, 360, 150.0, -1)
    light = cv2.GaussianBlur(light, (0, 0), 25)
    lit: Gray = np.clip(gray * 0.5 + light, 0, 255).astype(np.uint8)
    return lit


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_windowed_correlation_separates_pictures_under_glare(seed: int) -> None:
    query = ScaledQuery(_add_glare(_gray(seed)), 160)
    same = query.compare(_gray(seed), IDENTITY)
    other = query.compare(_gray(seed + 1), IDENTITY)
    assert same.windowed_correlation > 0.5 > other.windowed_correlation + 0.2
    assert same.cost < other.cost - 1


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_the_frame_of_a_fade_with_the_closest_tones_costs_least(share: float) -> None:
    def fade(much: float) -> Gray:
        dark: Gray = (_gray(1) * much).astype(np.uint8)
        return dark

    query = ScaledQuery(fade(share), 160)
    costs = [query.compare(fade(much), IDENTITY).cost for much in (0.3, 0.6, 1.0)]
    assert int(np.argmin(costs)) == (0.3, 0.6, 1.0).index(share)

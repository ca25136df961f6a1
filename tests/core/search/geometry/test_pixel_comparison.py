"""What agrees is told from what does not, whatever lies over it and however its tones changed."""

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
def test_other_tones_agree_and_other_pictures_do_not(tones: tuple[float, float]) -> None:
    gain, lift = tones
    asked = np.clip(_gray(1) * gain + lift, 0, 255).astype(np.uint8)
    same = ScaledQuery(asked, 160).compare(_gray(1), IDENTITY)
    other = ScaledQuery(asked, 160).compare(_gray(2), IDENTITY)
    assert same.residual < other.residual / 2
    assert same.correlation > other.correlation


def test_a_sticker_does_not_decide() -> None:
    asked = _gray(1)
    cv2.circle(asked, (90, 90), 45, 255, -1)
    same = ScaledQuery(asked, 160).compare(_gray(1), IDENTITY)
    other = ScaledQuery(asked, 160).compare(_gray(2), IDENTITY)
    assert same.residual < other.residual / 2


def test_a_crop_lies_on_its_part() -> None:
    stored = _gray(3)
    crop = np.ascontiguousarray(stored[45:135, 80:240])
    # The crop's left edge is at a quarter of the picture, and it is half as wide.
    placement = transform_from_box((-0.5, -0.28125, 1.5, 0.84375), 0.5625)
    right = ScaledQuery(crop, 160).compare(stored, placement)
    wrong = ScaledQuery(crop, 160).compare(stored, IDENTITY)
    assert right.residual < 0.1 < wrong.residual
    assert right.reference_coverage == pytest.approx(0.25, abs=0.02)


def test_what_lies_beside_the_picture_agrees_with_nothing() -> None:
    found = ScaledQuery(_gray(1), 160).compare(_gray(1), transform_from_box((5, 5, 6, 6), 0.5625))
    assert found.query_coverage == 0
    assert np.isinf(found.residual)


def _glaring(gray: Gray) -> Gray:
    """Return a picture in which a lamp is mirrored, as in a photograph of a screen."""
    light = np.zeros(gray.shape, np.float32)
    cv2.ellipse(light, (240, 60), (90, 50), 20, 0, 360, 150.0, -1)
    light = cv2.GaussianBlur(light, (0, 0), 25)
    lit: Gray = np.clip(gray * 0.5 + light, 0, 255).astype(np.uint8)
    return lit


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_under_glare_lines_tell_the_picture(seed: int) -> None:
    asked = ScaledQuery(_glaring(_gray(seed)), 160)
    same = asked.compare(_gray(seed), IDENTITY)
    other = asked.compare(_gray(seed + 1), IDENTITY)
    assert same.windowed_correlation > 0.5 > other.windowed_correlation + 0.2
    assert same.cost < other.cost - 1


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_of_a_fade_the_moment_that_needs_the_least_change_is_the_best(share: float) -> None:
    def faded(much: float) -> Gray:
        dark: Gray = (_gray(1) * much).astype(np.uint8)
        return dark

    asked = ScaledQuery(faded(share), 160)
    misfits = [asked.compare(faded(much), IDENTITY).cost for much in (0.3, 0.6, 1.0)]
    assert int(np.argmin(misfits)) == (0.3, 0.6, 1.0).index(share)

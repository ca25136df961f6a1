"""Template matching locates crops without local features, also blurred and dark ones."""

import cv2
import numpy as np
import pytest

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.geometry.template_matching import Template
from whenanime_pipeline.core.search.geometry.transform import transform_points
from whenanime_pipeline.core.search.geometry.warping import Gray

SIZE = (320, 180)
BOXES = {"half": (60, 30, 285, 155), "quarter": (100, 20, 260, 110), "wide": (5, 60, 315, 170)}


def frame(seed: int) -> Gray:
    return np.asarray(cv2.cvtColor(draw_random_picture(seed, SIZE), cv2.COLOR_RGB2GRAY))


def cut(reference: Gray, box: tuple[int, int, int, int]) -> Gray:
    """Return a crop of a frame at three times its size, as of a video in full resolution."""
    left, top, right, bottom = box
    large = cv2.resize(reference, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large[3 * top : 3 * bottom, 3 * left : 3 * right])


def off_by(part: Template, reference: Gray, box: tuple[int, int, int, int]) -> float:
    """Return the largest error of a corner, in pixels of the reference frame."""
    left, top, right, bottom = box
    transform = part.locate_in(reference)
    assert transform is not None
    aspect = (bottom - top) / (right - left)
    outline = np.array([[0, 0], [1, 0], [1, aspect], [0, aspect]])
    expected = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    return float(np.abs(transform_points(transform, outline) * SIZE[0] - expected).max())


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_a_crop_is_located(box: tuple[int, int, int, int]) -> None:
    off = [off_by(Template.from_gray(cut(frame(seed), box)), frame(seed), box) for seed in range(6)]
    assert np.median(off) < 3


def test_a_dark_crop_with_motion_blur_is_located() -> None:
    box = BOXES["quarter"]
    off = []
    for seed in range(6):
        reference = frame(seed)
        moved = cv2.blur(cut(reference, box), (41, 1))
        off.append(off_by(Template.from_gray((moved * 0.25).astype(np.uint8)), reference, box))
    assert np.median(off) < 8


def test_a_mirrored_crop_is_located_as_its_mirror_image() -> None:
    box = BOXES["half"]
    for seed in range(3):
        mirrored = np.ascontiguousarray(cut(frame(seed), box)[:, ::-1])
        assert off_by(Template.from_gray(mirrored).mirror(), frame(seed), box) < 6


def test_negatives_and_flat_pictures_have_no_or_a_plausible_transform() -> None:
    flat = np.full((90, 160), 90, np.uint8)
    assert Template.from_gray(flat).locate_in(frame(1)) is None
    assert Template.from_gray(frame(1)).locate_in(np.zeros((180, 320), np.uint8)) is None
    for seed in range(6):
        transform = Template.from_gray(cut(frame(seed), BOXES["half"])).locate_in(frame(seed + 50))
        assert transform is None or np.isfinite(transform).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (2, 2)])
def test_slivers_yield_a_finite_transform_or_none(shape: tuple[int, int]) -> None:
    sliver = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    for part, reference in ((sliver, frame(0)), (frame(0), sliver)):
        transform = Template.from_gray(part).locate_in(reference)
        assert transform is None or np.isfinite(transform).all()

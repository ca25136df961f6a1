"""Insets are found by their sides, also where part of a side is hidden."""

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.media.insets import Corners, find_insets, rectify_inset

Picture = NDArray[np.uint8]

SIZE = (960, 720)


def clouds() -> Picture:
    """Return a picture without any straight line."""
    noise = np.random.default_rng(0).standard_normal((360, 640, 3)).astype(np.float32)
    clouds = np.clip(cv2.GaussianBlur(noise, (0, 0), 25) * 1500 + 190, 130, 255)
    return np.asarray(clouds, np.uint8)


def draw_screen(film: Picture, corners: Corners, wall: int = 60) -> Picture:
    """Return a wall of one gray level with a film warped to the given corners."""
    width, height = SIZE
    own = np.array([[0, 0], [640, 0], [640, 360], [0, 360]], np.float32)
    matrix = cv2.getPerspectiveTransform(own - 0.5, (corners * width - 0.5).astype(np.float32))
    view = np.full((height, width, 3), wall, np.uint8)
    cv2.warpPerspective(film, matrix, SIZE, dst=view, borderMode=cv2.BORDER_TRANSPARENT)
    return view


def make_corners(seed: int) -> Corners:
    """Return the corners of a slightly distorted rectangle, as fractions of the view's width."""
    rng = np.random.default_rng(seed)
    wide = float(rng.uniform(0.4, 0.8))
    high = wide * 9 / 16
    left, top = rng.uniform(0.03, (0.97 - wide, 0.72 - high))
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]]) * (wide, high) + (left, top)
    return np.asarray(square + rng.uniform(-0.02, 0.02, (4, 2)), np.float64)


def corner_error(found: Corners, expected: Corners) -> float:
    """Return the largest error of a corner coordinate, as a fraction of the view's width."""
    return float(np.abs(found - expected).max())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000))
def test_screen_at_an_angle_is_found(seed: int) -> None:
    expected = make_corners(seed)
    found = find_insets(draw_screen(clouds(), expected))
    # One and a half of the 256 pixels at which edges are detected.
    assert min(corner_error(one, expected) for one in found) < 0.006


def test_screen_is_found_despite_straight_edges_in_the_film() -> None:
    hits = 0
    for number in range(40):
        expected = make_corners(number)
        view = draw_screen(draw_random_picture(number % 8, (640, 360)), expected, wall=40)
        hits += any(corner_error(one, expected) < 0.008 for one in find_insets(view))
    assert hits >= 37  # 35 when only the clearest four are taken


@pytest.mark.parametrize("size", [(1080, 2412), (828, 1792), (800, 3600)])
def test_inset_far_down_a_phone_screenshot_is_found(size: tuple[int, int]) -> None:
    width, height = size
    view = np.full((height, width, 3), 60, np.uint8)
    left, top, wide, high = 40, height - 700, width - 80, (width - 80) * 9 // 16
    view[top : top + high, left : left + wide] = cv2.resize(clouds(), (wide, high))
    expected = np.array([[left, top], [left + wide, top], [left + wide, top + high],
                         [left, top + high]]) / width  # fmt: skip
    # Two thirds of one of the 256 pixels of the longer side.
    assert (
        min(corner_error(one, expected) for one in find_insets(view)) < 0.67 * height / 256 / width
    )


def test_screen_with_glare_over_a_side_is_found() -> None:
    expected = make_corners(3)
    view = draw_screen(clouds(), expected)
    middle = (expected[0] + expected[1]) / 2 * SIZE[0]
    glare = np.zeros(view.shape[:2], np.float32)
    cv2.circle(glare, (round(middle[0]), round(middle[1])), 90, 1.0, -1)
    light = cv2.GaussianBlur(glare, (0, 0), 25)[..., None]
    lit = (view * (1 - light) + 255 * light).astype(np.uint8)
    assert min(corner_error(one, expected) for one in find_insets(lit)) < 0.008


def test_screen_inside_a_bezel_is_found() -> None:
    expected = np.array([[0.2, 0.15], [0.8, 0.15], [0.8, 0.4875], [0.2, 0.4875]])
    view = draw_screen(clouds(), expected, wall=200)
    across, down = (np.round(expected[[0, 2], axis] * SIZE[0]).astype(int) for axis in (0, 1))
    film = view[down[0] : down[1], across[0] : across[1]].copy()
    view[down[0] - 20 : down[1] + 20, across[0] - 20 : across[1] + 20] = 15
    view[down[0] : down[1], across[0] : across[1]] = film
    found = find_insets(view)
    assert min(corner_error(one, expected) for one in found) < 0.006
    assert (
        max(corner_error(one, expected) for one in found) > 0.015
    )  # the bezel's outline is another inset


def test_rectified_inset_matches_the_film() -> None:
    film = draw_random_picture(11, (640, 360))
    front = cv2.resize(film, (256, 144), interpolation=cv2.INTER_AREA).astype(float)
    for seed in range(5):
        corners = make_corners(seed)
        cut = rectify_inset(draw_screen(film, corners), corners).astype(float)
        assert cut.shape == (144, 256, 3)
        assert np.corrcoef(cut.ravel(), front.ravel())[0, 1] > 0.97


def test_large_photograph_is_rectified_without_aliasing() -> None:
    lines = np.zeros((3000, 4000, 3), np.uint8)
    lines[:, ::2] = 200  # a grid of pixels as a screen has it
    corners = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.55], [0.1, 0.55]])
    assert np.abs(rectify_inset(lines, corners).astype(float) - 100).max() < 8


@pytest.mark.parametrize("level", [0, 128, 255])
def test_uniform_picture_has_no_inset(level: int) -> None:
    assert find_insets(np.full((270, 480, 3), level, np.uint8)) == []


def test_whole_picture_is_no_inset() -> None:
    bordered = cv2.copyMakeBorder(clouds(), 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    whole = np.array([[0, 0], [1, 0], [1, 364 / 644], [0, 364 / 644]])
    assert all(corner_error(one, whole) > 0.01 for one in find_insets(bordered))


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**32 - 1))
@example(1, 1, 0)
@example(1, 300, 0)
@settings(max_examples=40, deadline=None)
def test_pictures_of_any_size_are_searched(height: int, width: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    found = find_insets(picture)
    assert len(found) <= 4
    for corners in found:
        assert corners.shape == (4, 2)
        assert rectify_inset(picture, corners).shape == (144, 256, 3)

"""Drawn pictures are deterministic per seed, distinct between seeds, and in frame at any size."""

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.learning.shipped.drawing.pictures import (
    draw_random_picture,
    draw_random_pictures,
)
from whenanime_pipeline.core.sample.backgrounds import (
    GRAPHICS,
    PLACES,
    TIMES,
    Background,
    paint_background,
)
from whenanime_pipeline.core.sample.canvas import Canvas
from whenanime_pipeline.core.sample.characters import Expression, make_cast
from whenanime_pipeline.core.sample.compositing import composite_over, gaussian_blur
from whenanime_pipeline.core.sample.curves import box, catmull_rom, ellipse, outline_stroke
from whenanime_pipeline.core.sample.figure import draw_character
from whenanime_pipeline.core.sample.pose import Pose
from whenanime_pipeline.core.sample.script import plan_episode
from whenanime_pipeline.core.sample.series import make_sample_series
from whenanime_pipeline.core.sample.shot_renderer import ShotRenderer
from whenanime_pipeline.core.sample.style import make_style

SMALL = (160, 90)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def test_equal_seeds_draw_equal_pictures() -> None:
    first = list(draw_random_pictures(3, SMALL, seed=5))
    again = list(draw_random_pictures(2, SMALL, seed=5))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=False))
    assert first[0].shape == (90, 160, 3)
    assert first[0].dtype == np.uint8


def test_random_pictures_differ_from_each_other() -> None:
    pictures = list(draw_random_pictures(12, SMALL, seed=1)) + list(
        draw_random_pictures(12, SMALL, seed=2)
    )
    for i, a in enumerate(pictures):
        for b in pictures[:i]:
            assert difference(a, b) > 8


@settings(max_examples=12, deadline=None)
@given(st.integers(min_value=0, max_value=2**31))
@example(214433403)
@example(1948748337)
def test_picture_of_any_seed_has_content(seed: int) -> None:
    picture = draw_random_picture(seed, SMALL)
    # A forest at night has hardly any contrast in gray, but many colours.
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100
    # Neighbouring pixels differ far less than random pairs: noise has a ratio of 1 here, and none
    # of 3,000 seeds has more than 0.42.
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(int)
    shuffled = np.random.default_rng(0).permutation(gray.ravel()).reshape(gray.shape)
    assert np.abs(np.diff(gray, axis=1)).mean() < 0.6 * np.abs(np.diff(shuffled, axis=1)).mean()


def test_every_place_is_painted_at_every_time_of_day() -> None:
    style = make_style(3)
    for place in (*PLACES, *GRAPHICS):
        pictures = [
            paint_background(Background(place, time, 7), style, (128, 72), 72) for time in TIMES
        ]
        assert all(picture.shape == (72, 128, 3) for picture in pictures)
        if place in PLACES:
            assert difference(pictures[TIMES.index("day")], pictures[TIMES.index("night")]) > 15


def test_members_of_the_cast_differ() -> None:
    for seed in range(20):
        cast = make_cast(seed, 5)
        assert len({look.hair_name for look in cast}) == 5
        assert len({look.name for look in cast}) == 5
        assert len({look.back_hair for look in cast}) >= 4


def test_mouth_flap_changes_only_the_mouth() -> None:
    style, look = make_style(0), make_cast(0, 1)[0]
    canvas = style.make_canvas(200, 200, scale=60, origin=(100, 100), picture_height=200)
    drawn = draw_character(canvas, look, style, Expression(), Pose())
    closed, open_ = drawn.render_cell("open", "closed"), drawn.render_cell("open", "open")
    rows, columns = np.nonzero((closed != open_).any(axis=2))
    assert len(rows) > 30
    assert rows.min() >= 100 + 0.6 * 60  # below the nose
    assert rows.max() <= 100 + 1.3 * 60  # above the collar
    assert np.ptp(columns) < 0.6 * 60


def test_cells_stay_premultiplied() -> None:
    style, look = make_style(2), make_cast(2, 3)[2]
    canvas = style.make_canvas(160, 160, scale=50, origin=(80, 80), picture_height=160)
    cell = draw_character(canvas, look, style, Expression(blush=True), Pose("raised")).render_cell(
        "half", "half"
    )
    assert (cell[..., :3].max(axis=2).astype(int) <= cell[..., 3].astype(int) + 3).all()
    assert cell[..., 3].max() == 255
    assert cell[..., 3].min() == 0


def test_compositing_crops_at_the_edges() -> None:
    below = np.zeros((4, 4, 3), np.uint8)
    cell = np.full((4, 4, 4), 255, np.uint8)
    composite_over(below, cell, -2, 3)
    assert below[3, :2].min() == 255
    assert below.sum() == 2 * 3 * 255
    composite_over(below, cell, 9, 9)
    assert below.sum() == 2 * 3 * 255


def test_filled_box_covers_its_pixels() -> None:
    canvas = Canvas.blank(20, 10, scale=10)
    canvas.fill(box(0.5, 0.2, 1.5, 0.8), (200, 100, 50))
    canvas.fill(box(-1, -1, -0.5, -0.5), (1, 1, 1), alpha=0.5)
    done = canvas.downsample()
    assert done[5, 10].tolist() == [200, 100, 50, 255]
    assert done[0, 0].tolist() == [0, 0, 0, 0]


@given(st.floats(0.5, 30), st.integers(0, 255))
def test_blur_leaves_a_uniform_picture_unchanged(sigma: float, level: int) -> None:
    even = np.full((40, 60, 3), level, np.uint8)
    assert np.array_equal(gaussian_blur(even, sigma), even)


def test_curves_pass_through_their_points() -> None:
    points = np.array([(0.0, 0.0), (1.0, 2.0), (3.0, 1.0)])
    curve = catmull_rom(points, steps=6)
    assert all(np.isclose(curve, point).all(axis=1).any() for point in points)
    assert len(outline_stroke(curve, (1, 0))) == 2 * len(curve)
    assert len(ellipse((0, 0), (1, 1), steps=12)) == 12


@pytest.mark.parametrize("index", [0, 1])
def test_head_boxes_are_inside_the_frame(index: int) -> None:
    series = make_sample_series(0)[index]
    plan = plan_episode(series, 1, 2, 0)
    count = 0
    for shot in plan.shots:
        film = ShotRenderer(shot, series.cast, series.style, SMALL)
        for frame in range(0, shot.frames, 7):
            for head in film.find_heads(frame):
                if head is not None:
                    left, top, right, bottom = head
                    assert 0 <= left < right <= SMALL[0]
                    assert 0 <= top < bottom <= SMALL[1]
                    count += 1
    assert count > 50


def test_full_hd_shot_equals_the_small_one() -> None:
    series = make_sample_series(0)[0]
    plan = plan_episode(series, 1, 2, 0)
    shot = plan.shots[0]
    large, small = (
        ShotRenderer(shot, series.cast, series.style, size).render_picture(shot.frames // 2)
        for size in ((1920, 1080), (640, 360))
    )
    assert large.shape == (1080, 1920, 3)
    shrunk = cv2.resize(large, (640, 360), interpolation=cv2.INTER_AREA)
    assert difference(shrunk, small) < 12  # the same scene in finer detail

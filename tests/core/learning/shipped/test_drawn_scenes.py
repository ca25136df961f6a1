import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.learning.shipped.drawing.collages import draw_collage_frames
from whenanime_pipeline.core.learning.shipped.drawing.fills import choose_palette, paint_fill
from whenanime_pipeline.core.learning.shipped.drawing.grades import choose_grade
from whenanime_pipeline.core.learning.shipped.drawing.outlines import choose_outline
from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_scenes

SIZE = (128, 72)


def test_a_scene_does_not_depend_on_the_count() -> None:
    few, more = (list(draw_random_scenes(count, SIZE, 5)) for count in (2, 4))
    for one, other in zip(few, more, strict=False):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    others = list(draw_random_scenes(2, SIZE, 6))
    assert not np.array_equal(few[0][0], others[0][0])


def test_moments_of_a_scene_differ_less_than_scenes_do() -> None:
    scenes = list(draw_random_scenes(16, SIZE, 1, frames=3))
    assert {len(moments) for moments in scenes} == {3}
    whole = np.stack([np.stack(moments) for moments in scenes]).astype(np.float32)
    assert whole.shape == (16, 3, 72, 128, 3)
    steps = np.abs(np.diff(whole, axis=1)).mean((2, 3, 4))
    apart = np.abs(whole[:-1, 0] - whole[1:, 0]).mean((1, 2, 3))
    assert np.median(steps) < np.median(apart) / 3
    assert (steps > 0.2).mean() > 0.8


def test_scenes_are_of_many_lights_and_colours() -> None:
    pictures = np.stack([one[0] for one in draw_random_scenes(40, SIZE, 2, frames=1)])
    means = pictures.reshape(40, -1, 3).mean(1)
    assert means.mean(1).std() > 25
    colours = np.ptp(means, axis=1)
    assert (colours < 4).any()  # some are gray
    assert (colours > 40).any()


@given(st.integers(0, 10_000), st.integers(1, 4))
@settings(max_examples=25)
def test_collages_are_repeatable_pictures(seed: int, moments: int) -> None:
    first, second = (
        draw_collage_frames(np.random.default_rng(seed), SIZE, moments) for _ in range(2)
    )
    assert len(first) == moments
    for one, other in zip(first, second, strict=True):
        assert one.shape == (72, 128, 3)
        assert one.dtype == np.uint8
        assert np.array_equal(one, other)


@given(st.integers(0, 10_000))
def test_outlines_lie_around_the_origin(seed: int) -> None:
    points = choose_outline(np.random.default_rng(seed))
    assert points.ndim == 2
    assert len(points) >= 3
    reach = np.abs(points).max()
    assert 0.3 < reach < 12
    assert np.ptp(points, axis=0).min() > 0.005


@given(st.integers(0, 10_000))
@settings(max_examples=50)
def test_fills_have_the_asked_size(seed: int) -> None:
    rng = np.random.default_rng(seed)
    palette = choose_palette(rng)
    assert 3 <= len(palette.colours) <= 8
    fill = paint_fill(rng, palette, SIZE)
    assert fill.shape == (72, 128, 3)
    assert fill.dtype == np.uint8


@pytest.mark.parametrize("seed", range(8))
def test_a_grade_preserves_the_order_of_brightness(seed: int) -> None:
    ramp = np.repeat(np.linspace(0, 255, 128, dtype=np.uint8)[None, :, None], 72, 0).repeat(3, 2)
    printed = choose_grade(np.random.default_rng(seed))(ramp)
    assert printed.shape == ramp.shape
    assert printed.dtype == np.uint8
    columns = printed.astype(np.float64).mean((0, 2))
    # Beyond the grain; and the dark edges of an old lens are at the sides.
    assert columns[72] > columns[48] > columns[28] - 3

"""Frames turned by 90, 180 and 270 degrees are found; upright queries are searched as before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sample_videos import index_film

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.learning.shipped.screenshots.delivery import (
    encode_as_posted,
    upscale_as_watched,
)
from whenanime_pipeline.core.learning.shipped.screenshots.edits import EDITS
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.search.query.turning import TURNS, shrink, turn_upright

SIZE = (480, 270)
SHOTS = 12
SEED = 900
Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> SearchEngine:
    shots = [draw_random_picture(SEED + number, SIZE) for number in range(SHOTS)]
    return index_film(tmp_path_factory.mktemp("library"), shots)


def turn(picture: Picture, degrees: int) -> Picture:
    return np.ascontiguousarray(np.rot90(picture, -degrees // 90))


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([0, *TURNS]),
)
def test_turning_upright_undoes_a_turn(height: int, width: int, degrees: int) -> None:
    picture = np.random.default_rng(height).integers(0, 255, (height, width, 3), dtype=np.uint8)
    np.testing.assert_array_equal(turn_upright(turn(picture, degrees), degrees), picture)


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_pictures_are_downscaled_and_never_enlarged(height: int, width: int) -> None:
    small = shrink(np.zeros((height, width, 3), np.uint8))
    assert max(small.shape[:2]) == min(640, max(height, width))
    assert min(small.shape[:2]) >= 1


@pytest.mark.parametrize("name", ["clean", "webp", "subtitles", "bars", "blur"])
def test_a_turned_frame_retrieves_its_original(engine: SearchEngine, name: str) -> None:
    found, queries = 0, 0
    for number in range(4):
        rng = np.random.default_rng((number, 2))
        watched = upscale_as_watched(draw_random_picture(SEED + number, SIZE))
        upright = encode_as_posted(EDITS[name](watched, rng) if name in EDITS else watched, rng)
        assert engine.search(upright)[0].rotated == 0
        for degrees in TURNS:
            scene = engine.search(turn(upright, degrees))[0]
            queries += 1
            found += (
                number / 2 <= scene.at < number / 2 + 0.5
                and scene.match != "similar"
                and scene.rotated == degrees
            )
    assert found >= queries - 1


def test_corners_are_those_of_the_picture_turned_upright(engine: SearchEngine) -> None:
    bars = np.pad(draw_random_picture(SEED + 3, SIZE), ((45, 45), (0, 0), (0, 0)))
    scene = engine.search(turn(bars, 90))[0]
    assert scene.rotated == 90
    beyond = 45 / SIZE[1]
    expected = [(0, -beyond), (1, -beyond), (1, 1 + beyond), (0, 1 + beyond)]
    np.testing.assert_allclose(scene.corners, expected, atol=0.02)


def test_a_turned_negative_is_no_match(engine: SearchEngine) -> None:
    for number in range(6):
        foreign = draw_random_picture(SEED + 500 + number, SIZE)
        scene = engine.search(turn(foreign, TURNS[number % 3]))[0]
        assert scene.match == "similar"
        assert scene.rotated == 0


def test_a_filter_holds_for_turned_pictures(engine: SearchEngine) -> None:
    picture = turn(draw_random_picture(SEED + 1, SIZE), 180)
    assert engine.search(picture, only=Filter(seasons=frozenset({2}))) == []
    assert engine.search(picture, only=Filter(seasons=frozenset({1})))[0].rotated == 180

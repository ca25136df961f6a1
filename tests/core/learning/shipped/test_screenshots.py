"""Edits of screenshots: pure, seeded, visible, and each what its name says."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.learning.shipped.screenshots.compositing import Picture
from whenanime_pipeline.core.learning.shipped.screenshots.delivery import (
    encode_as_posted,
    upscale_as_watched,
)
from whenanime_pipeline.core.learning.shipped.screenshots.edit_sheet import render_edit_sheet
from whenanime_pipeline.core.learning.shipped.screenshots.edits import EDITS, draw_mix
from whenanime_pipeline.core.learning.shipped.screenshots.fonts import (
    available_scripts,
    blend_text,
    render_text,
)

NAMES = (
    "crop50", "crop25", "crop15", "flip", "bars", "subtitles", "player", "webp", "caption", "tint",
    "blur", "photo", "stickers", "pip", "mix",
)  # fmt: skip
SAME_SIZE = ("flip", "subtitles", "player", "tint", "blur", "stickers")


@pytest.fixture(scope="module")
def picture() -> Picture:
    drawn = draw_random_picture(7, (427, 240))
    drawn.flags.writeable = False
    return drawn


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def gray_difference(one: Picture, other: Picture) -> float:
    small = [cv2.resize(p, (64, 36), interpolation=cv2.INTER_AREA) for p in (one, other)]
    return float(np.abs(small[0].astype(np.int16) - small[1]).mean())


def find(part: Picture, whole: Picture) -> tuple[float, tuple[int, int]]:
    """Return how well a part fits where it fits best, and where that is (x, y)."""
    fits = cv2.matchTemplate(whole, part, cv2.TM_CCOEFF_NORMED)
    _, best, _, place = cv2.minMaxLoc(fits)
    return float(best), place


def test_edits_are_in_report_order() -> None:
    assert tuple(EDITS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_edit_returns_a_picture_and_does_not_write_to_its_input(
    name: str, picture: Picture
) -> None:
    before = picture.copy()
    for seed in range(6):
        edited = EDITS[name](picture, rng(seed))
        assert edited.dtype == np.uint8
        assert edited.ndim == 3
        assert edited.shape[2] == 3
        assert min(edited.shape) > 0
        assert not np.shares_memory(edited, picture)
        if name in SAME_SIZE:
            assert edited.shape == picture.shape
    assert np.array_equal(before, picture)


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_decides_on_everything(name: str, picture: Picture) -> None:
    first, again = (EDITS[name](picture, rng(3)) for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("flip", "webp")])
def test_another_seed_edits_otherwise(name: str, picture: Picture) -> None:
    edited = [EDITS[name](picture, rng(seed)) for seed in range(4)]
    assert any(not np.array_equal(a, b) for a, b in pairwise(edited))


@pytest.mark.parametrize("name", NAMES)
def test_an_edit_changes_the_picture(name: str, picture: Picture) -> None:
    for seed in range(6):
        edited = EDITS[name](picture, rng(seed))
        if edited.shape == picture.shape:
            assert np.abs(edited.astype(np.int16) - picture).max() > 20
            assert gray_difference(edited, picture) > 0.3


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    width=st.integers(64, 700),
    height=st.integers(64, 700),
    seed=st.integers(0, 1 << 30),
)
def test_pictures_of_any_shape_can_be_edited(name: str, width: int, height: int, seed: int) -> None:
    small = rng(seed).integers(0, 256, (5, 7, 3), np.uint8)
    posted = encode_as_posted(EDITS[name](cv2.resize(small, (width, height)), rng(seed)), rng(seed))
    assert posted.dtype == np.uint8
    assert 320 <= max(posted.shape[:2]) <= 640


@pytest.mark.parametrize(("name", "share"), [("crop50", 0.5), ("crop25", 0.25), ("crop15", 0.15)])
def test_a_crop_is_so_much_of_the_picture(name: str, share: float, picture: Picture) -> None:
    shapes = set()
    for seed in range(8):
        part = EDITS[name](picture, rng(seed))
        fit, (left, top) = find(part, picture)
        assert fit > 0.99
        rows, columns = part.shape[:2]
        assert np.array_equal(picture[top : top + rows, left : left + columns], part)
        assert rows * columns == pytest.approx(share * picture[..., 0].size, rel=0.03)
        shapes.add(part.shape)
    assert len(shapes) > 4


def test_a_crop_avoids_flat_areas() -> None:
    sky = np.full((240, 427, 3), 200, np.uint8)
    sky[120:180, 200:300] = draw_random_picture(3, (100, 60))
    lively = [EDITS["crop15"](sky, rng(seed)).std() > 12 for seed in range(20)]
    assert sum(lively) >= 16


def test_mirroring_twice_is_the_identity(picture: Picture) -> None:
    twice = EDITS["flip"](EDITS["flip"](picture, rng()), rng())
    assert np.array_equal(twice, picture)


@pytest.mark.parametrize("name", ["bars", "caption"])
def test_borders_keep_the_whole_picture(name: str, picture: Picture) -> None:
    for seed in range(12):
        framed = EDITS[name](picture, rng(seed))
        assert framed.shape != picture.shape
        fit, _ = find(picture, framed)
        assert fit > 0.999


def test_bars_are_above_and_below_or_at_the_sides(picture: Picture) -> None:
    height, width = picture.shape[:2]
    grown = set()
    for seed in range(30):
        framed = EDITS["bars"](picture, rng(seed))
        assert (framed.shape[0] == height) != (framed.shape[1] == width)
        grown.add(framed.shape[0] == height)
    assert grown == {True, False}


def test_subtitles_touch_a_strip_and_no_more(picture: Picture) -> None:
    for seed in range(12):
        changed = (EDITS["subtitles"](picture, rng(seed)) != picture).any(axis=2)
        assert 0.002 < changed.mean() < 0.2
        rows = np.flatnonzero(changed.any(axis=1)) / picture.shape[0]
        assert rows.min() > 0.6 or rows.max() < 0.4


def test_a_player_leaves_the_middle_of_the_picture() -> None:
    plain = np.full((240, 427, 3), 128, np.uint8)
    untouched = [(EDITS["player"](plain, rng(seed))[60:90] == 128).all() for seed in range(12)]
    assert all(untouched)


def test_a_messengers_picture_is_small(picture: Picture) -> None:
    assert max(EDITS["webp"](picture, rng()).shape) == 320


def test_a_blurred_picture_has_lost_its_edges(picture: Picture) -> None:
    sharpness = cv2.Laplacian(picture, cv2.CV_32F).var()
    for seed in range(8):
        assert cv2.Laplacian(EDITS["blur"](picture, rng(seed)), cv2.CV_32F).var() < sharpness / 2


def test_stickers_are_opaque_and_cover_a_part(picture: Picture) -> None:
    for seed in range(8):
        # What is equal whatever lies below is covered.
        ones = (EDITS["stickers"](np.full_like(picture, level), rng(seed)) for level in (0, 255))
        first, second = ones
        covered = (first == second).all(axis=2).mean()
        assert 0.01 < covered < 0.5


def test_a_picture_in_another_is_a_third_of_it_at_least(picture: Picture) -> None:
    marked = np.zeros_like(picture)
    marked[...] = (255, 0, 255)
    for seed in range(20):
        whole = EDITS["pip"](marked, rng(seed))
        columns = (whole == (255, 0, 255)).all(axis=2).any(axis=0)
        assert 0.33 < columns.mean() < 1


def test_three_different_edits_are_mixed_and_one_crop_at_most() -> None:
    seen: set[str] = set()
    for seed in range(300):
        names = draw_mix(rng(seed))
        assert len(set(names)) == 3
        assert sum(name.startswith("crop") for name in names) <= 1
        seen.update(names)
    assert seen == set(NAMES) - {"mix"}


def test_small_frames_are_upscaled_and_large_ones_kept(picture: Picture) -> None:
    assert max(upscale_as_watched(picture).shape) == 854
    large = np.zeros((720, 1280, 3), np.uint8)
    assert upscale_as_watched(large) is large


def test_posting_changes_a_picture_little(picture: Picture) -> None:
    posted = encode_as_posted(picture, rng())
    assert 0 < gray_difference(posted, picture) < 2


def test_letters_are_cut_off_at_the_edge() -> None:
    paper = np.zeros((40, 60, 3), np.uint8)
    ink = render_text("Wait for me!", "latin", 30, rng(), stroke=2)
    assert ink.letters.shape[1] > 60
    assert (ink.edge >= ink.letters).all()
    blend_text(paper, ink, -20, 15, (255, 255, 255), (255, 0, 0))
    assert paper[15:].max() == 255
    assert not paper[:14].any()
    before = paper.copy()
    blend_text(paper, ink, 60, 0, (9, 9, 9), (9, 9, 9))
    blend_text(paper, ink, 0, -400, (9, 9, 9), (9, 9, 9))
    assert np.array_equal(before, paper)


def test_latin_can_be_written_everywhere() -> None:
    assert "latin" in available_scripts()


def test_the_sheet_shows_all_edits_and_is_always_the_same(picture: Picture) -> None:
    drawn = render_edit_sheet([picture], 0)
    assert drawn.shape == (4 * 262, 4 * 320, 3)
    assert np.array_equal(drawn, render_edit_sheet([picture], 0))

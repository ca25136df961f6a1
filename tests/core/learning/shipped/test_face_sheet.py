from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.learning.shipped.face_sheet.casts import choose_cast
from whenanime_pipeline.core.learning.shipped.face_sheet.drawing import (
    FACE_BOX,
    draw_face,
    encode,
    jitter_box,
    render_take,
)
from whenanime_pipeline.core.learning.shipped.face_sheet.moments import (
    OCCLUSIONS,
    FaceMoment,
    Take,
    choose_moment,
    choose_take,
)
from whenanime_pipeline.core.learning.shipped.face_sheet.sheet import (
    FaceSheet,
    SheetOptions,
    draw_sheet,
)
from whenanime_pipeline.core.sample.characters import Expression
from whenanime_pipeline.core.sample.style import make_style

SMALL = SheetOptions("validation", styles=2, names=3, drawings=3, takes=2)


@pytest.fixture(scope="module")
def sheet() -> FaceSheet:
    return draw_sheet(SMALL, seed=4)


def test_sheet_follows_from_its_seed(sheet: FaceSheet) -> None:
    again = draw_sheet(SMALL, seed=4)
    assert np.array_equal(sheet.crops, again.crops)
    assert not np.array_equal(sheet.crops, draw_sheet(SMALL, seed=5).crops)


def test_large_sheet_can_be_drawn_in_pieces(sheet: FaceSheet) -> None:
    second = draw_sheet(replace(SMALL, styles=1), seed=4, first_style=1)
    assert np.array_equal(second.crops, sheet.crops[sheet.styles == 1])
    assert np.array_equal(second.names, sheet.names[sheet.styles == 1])


def test_more_drawings_leave_the_first_ones_as_they_are(sheet: FaceSheet) -> None:
    larger = draw_sheet(replace(SMALL, styles=1, drawings=4), seed=4)
    first = larger.crops[larger.names == 0][: 3 * 2]
    assert np.array_equal(first, sheet.crops[sheet.names == 0])


def test_sheet_has_as_many_faces_as_asked_for(sheet: FaceSheet) -> None:
    assert sheet.crops.shape == (2 * 3 * 3 * 2, 144, 144, 3)
    assert np.unique(sheet.names).tolist() == list(range(6))
    assert np.bincount(sheet.drawings).tolist() == [2] * 18
    low, high = SMALL.sides
    assert low * 0.85 - 1 <= sheet.sides.min() <= sheet.sides.max() <= high * 1.15 + 1


def test_parts_share_no_cast_and_no_style() -> None:
    """Also where the seed and the numbers are the same."""
    crops = [
        draw_sheet(SheetOptions(part, styles=1, names=1, drawings=1), seed=0).crops
        for part in ("training", "validation", "test")
    ]
    assert not np.array_equal(crops[0], crops[1])
    assert not np.array_equal(crops[1], crops[2])


def test_siblings_differ_in_eyes_and_face_shape_alone() -> None:
    cast = choose_cast(3, 30, siblings=1.0)
    for member in cast[1:]:
        other = replace(
            cast[0], name=member.name, eyes=member.eyes, eye_name=member.eye_name,
            shape=member.shape,
        )  # fmt: skip
        assert member == other
    assert len({member.shape for member in cast}) == 30


def test_cast_is_larger_than_the_named_colours_and_in_no_order() -> None:
    cast = choose_cast(1, 60, siblings=0.0)
    assert len({member.name for member in cast}) == 60
    assert len({member.hair for member in cast}) > 50
    pairs = list(zip(cast, cast[10:], strict=False))
    assert sum(a.hair_name == b.hair_name for a, b in pairs) < len(pairs) / 3


PLAIN = Take("meadow", "day", "none", "jpeg", 1.0, (0.0, 0.0, 1.0, 1.0), seed=0)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 1000),
    turn=st.floats(-1, 1),
    tilt=st.floats(-18, 18),
    mirrored=st.booleans(),
    side=st.floats(30, 120),
)
def test_box_has_the_eyes_in_it(
    seed: int, turn: float, tilt: float, mirrored: bool, side: float
) -> None:
    """Eyes are what changes when they close, mouths when they open."""
    mood = Expression(turn=turn, tilt=tilt, smile=0.0)
    moment = FaceMoment(mood, "open", "open", "down", mirrored, side)
    asleep = replace(moment, eyes="closed", mouth="closed")
    design, style = choose_cast(seed, 1)[0], make_style(seed)
    drawing = draw_face(design, style, moment)
    patch = render_take(drawing, PLAIN)
    height, width = patch.picture.shape[:2]
    scale = height / drawing.cell.shape[0]
    change = np.abs(drawing.cell.astype(int) - draw_face(design, style, asleep).cell).max(axis=2)
    rows, columns = np.nonzero(change > 60)
    left, top, right, bottom = patch.box
    assert 0 < left < right < width
    assert 0 < top < bottom < height
    inside = (columns * scale > left) & (columns * scale < right)
    inside &= (rows * scale > top) & (rows * scale < bottom)
    assert inside.mean() > 0.97
    assert inside.size > 100
    assert right - left == pytest.approx(side, rel=0.05)


@pytest.mark.parametrize("kind", OCCLUSIONS)
def test_occlusion_changes_the_face_and_leaves_most_of_it(kind: str) -> None:
    rng = np.random.default_rng(2)
    drawing = draw_face(choose_cast(0, 1)[0], make_style(0), choose_moment(rng))
    take = replace(choose_take(rng), occlusion="none")
    clear = render_take(drawing, take)
    covered = render_take(drawing, replace(take, occlusion=kind))  # type: ignore[arg-type]
    left, top, right, bottom = (round(value) for value in clear.box)
    change = np.abs(clear.picture.astype(int) - covered.picture).max(axis=2)[top:bottom, left:right]
    if kind == "none":
        assert change.max() == 0
    elif kind == "shadow":
        assert (change > 12).mean() < 0.8
        assert change.max() > 12
    else:
        assert 0 < (change > 40).mean() < 0.45


def test_codecs_lose_a_little() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (60, 70, 3)).astype(np.uint8)
    smooth = np.broadcast_to(picture[:1, :1], picture.shape)
    for codec in ("jpeg", "webp"):
        assert encode(picture, codec).shape == picture.shape
        assert not np.array_equal(encode(picture, codec), picture)
        assert np.abs(encode(smooth, codec).astype(int) - smooth).max() <= 6


def test_jitter_moves_and_stretches_the_box() -> None:
    assert jitter_box((10, 20, 30, 60), (0.1, -0.1, 1.5, 0.5)) == pytest.approx((7, 26, 37, 46))
    assert FACE_BOX[0] == -FACE_BOX[2]

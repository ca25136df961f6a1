"""A placement that is about right becomes exact, whatever light falls on the screenshot."""

import cv2
import numpy as np
import pytest

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.geometry.ecc_refinement import refine_transform
from whenanime_pipeline.core.search.geometry.transform import Transform, transform_points
from whenanime_pipeline.core.search.geometry.warping import Gray

SIZE = (320, 180)
ASKED = (160, 90)
OUTLINE = np.array([[0, 0], [1, 0], [1, ASKED[1] / ASKED[0]], [0, ASKED[1] / ASKED[0]]])
CROPPED = np.array([[0.6, 0, 0.25], [0, 0.6, 0.15], [0, 0, 1.0]])
AT_AN_ANGLE = np.array([[0.75, 0.05, 0.1], [0.02, 0.7, 0.06], [0.12, 0.06, 1.0]])
NUDGES = [(0.015, -0.01, 1.02), (-0.02, 0.01, 0.97), (0.01, 0.015, 1.03)]


def frame(seed: int) -> Gray:
    return np.asarray(cv2.cvtColor(draw_random_picture(seed, SIZE), cv2.COLOR_RGB2GRAY))


def shown(stored: Gray, placement: Transform) -> Gray:
    """Draw what a screenshot shows that lies so on a stored picture."""
    asked, below = (np.array([[w, 0, -0.5], [0, w, -0.5], [0, 0, 1]]) for w in (ASKED[0], SIZE[0]))
    warp = below @ placement @ np.linalg.inv(asked)
    return np.asarray(
        cv2.warpPerspective(stored, warp, ASKED, flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP)
    )


def nudged(placement: Transform, nudge: tuple[float, float, float]) -> Transform:
    across, down, size = nudge
    moved: Transform = np.array([[size, 0, across], [0, size, down], [0, 0, 1.0]]) @ placement
    return moved


def off_by(found: Transform, right: Transform) -> float:
    """Return the pixels of the stored picture by which the farthest corner is off."""
    return (
        float(np.abs(transform_points(found, OUTLINE) - transform_points(right, OUTLINE)).max())
        * SIZE[0]
    )


@pytest.mark.parametrize("right", [CROPPED, AT_AN_ANGLE], ids=["crop", "at an angle"])
def test_a_placement_becomes_exact(right: Transform) -> None:
    before, after = [], []
    for seed in range(6):
        stored = frame(seed)
        asked = shown(stored, right)
        for nudge in NUDGES:
            rough = nudged(right, nudge)
            found = refine_transform(asked, stored, rough)
            assert found is not None
            before.append(off_by(rough, right))
            after.append(off_by(found, right))
    assert min(before) > 4
    assert np.median(after) < 0.5


def test_other_light_does_not_matter() -> None:
    off = []
    for seed in range(6):
        stored = frame(seed)
        dark = (40 + 0.4 * shown(stored, CROPPED)).astype(np.uint8)
        found = refine_transform(dark, stored, nudged(CROPPED, NUDGES[0]))
        assert found is not None
        off.append(off_by(found, CROPPED))
    assert np.median(off) < 0.5


def test_what_is_not_seen_at_an_angle_is_given_none() -> None:
    stored = frame(1)
    found = refine_transform(shown(stored, CROPPED), stored, nudged(CROPPED, NUDGES[1]))
    assert found is not None
    assert found[2] == pytest.approx((0, 0, 1))


def test_where_nothing_is_to_be_seen_nothing_is_aligned() -> None:
    flat = np.full(ASKED[::-1], 90, np.uint8)
    assert refine_transform(flat, frame(1), CROPPED) is None
    assert refine_transform(frame(1), np.zeros(SIZE[::-1], np.uint8), CROPPED) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 160), (90, 1), (2, 2)])
@pytest.mark.parametrize("rough", [CROPPED, np.diag((-1.0, 1.0, 1.0)), np.diag((9.0, 9.0, 1.0))])
def test_slivers_are_aligned_sanely_or_not_at_all(shape: tuple[int, int], rough: Transform) -> None:
    sliver = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    for asked, stored in ((sliver, frame(0)), (frame(0), sliver)):
        found = refine_transform(asked, stored, rough)
        assert found is None or np.isfinite(found).all()

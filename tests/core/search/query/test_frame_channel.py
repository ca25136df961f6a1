"""Views of a screenshot, and the leads that stored frames make which look like them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.geometry.hypotheses import CandidateSegment
from whenanime_pipeline.core.search.geometry.transform import transform_from_box, transform_points
from whenanime_pipeline.core.search.query.frame_channel import (
    QueryRegion,
    find_inset_regions,
    find_whole_regions,
    gather_frame_candidates,
    keep_more_similar,
)

FRAMES = {0: 100, 1: 50}


def _picture(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(30, 256, (height, width, 3), np.uint8)


def _box(view: QueryRegion) -> list[float]:
    """Return left, top, right and bottom of a view, in widths of the screenshot."""
    back = np.linalg.inv(view.to_unit_square).astype(np.float64)
    box: list[float] = transform_points(back, np.array([[0.0, 0.0], [1.0, 1.0]])).ravel().tolist()
    return box


def _leads(views: list[QueryRegion], *rows: tuple[int, int, float]) -> list[CandidateSegment]:
    """Return leads of frames that all views find: content, frame and cosine of each."""
    labels = [labels_of(content, FRAMES[content])[frame] for content, frame, _ in rows]
    cosines = [cosine for *_, cosine in rows]
    return gather_frame_candidates(
        views,
        np.array([labels] * len(views), np.uint64),
        np.array([cosines] * len(views), np.float32),
        FRAMES,
        lambda _: 9 / 16,
    )


def test_a_letterboxed_screenshot_has_two_views() -> None:
    boxed = np.pad(_picture(180, 320), ((30, 30), (0, 0), (0, 0)))
    whole, inside = find_whole_regions(boxed)
    assert whole.picture.shape == (240, 320, 3)
    assert inside.picture.shape == (180, 320, 3)
    np.testing.assert_allclose(_box(inside), (0, 30 / 320, 1, 210 / 320))
    assert len(find_whole_regions(_picture(180, 320))) == 1


def test_a_turned_view_lies_on_the_mirror_image_as_the_view_on_the_screenshot() -> None:
    boxed = np.pad(_picture(180, 320), ((0, 0), (40, 100), (0, 0)))
    inside = find_whole_regions(boxed)[1]
    turned = inside.mirror()
    mirror = boxed[:, ::-1]
    left, top, right, bottom = (round(side * boxed.shape[1]) for side in _box(turned))
    np.testing.assert_array_equal(turned.picture, mirror[top:bottom, left:right])
    assert turned.mirrored
    back = turned.mirror()
    assert not back.mirrored
    np.testing.assert_array_equal(back.to_unit_square, inside.to_unit_square)


def test_leads_of_a_mirror_image_are_mirrored_and_lie_on_all_of_the_frame() -> None:
    view = QueryRegion(_picture(180, 320), transform_from_box((0.25, 0.0, 1.0, 0.4), 1.0)).mirror()
    (lead,) = _leads([view], (0, 20, 0.9), (0, 23, 0.8))
    assert lead.mirrored
    corners = transform_points(lead.hypotheses[0].transform, np.array([[0.0, 0.0], [0.75, 0.4]]))
    np.testing.assert_allclose(corners, np.array([[0, 0], [1, 9 / 16]]), atol=1e-9)


def test_frames_close_together_are_one_lead() -> None:
    leads = _leads(
        find_whole_regions(_picture(180, 320)),
        (1, 49, 0.7),
        (0, 20, 0.9),
        (0, 23, 0.8),
        (0, 60, 0.6),
    )
    assert [(one.content, one.first, one.last) for one in leads] == [
        (0, 19, 24),
        (1, 48, 49),
        (0, 59, 61),
    ]
    assert leads[0].cosine == pytest.approx(0.9)


def test_only_what_is_more_alike_than_all_others_is_worth_a_look() -> None:
    views = find_whole_regions(_picture(180, 320))
    upright = _leads(views, (0, 20, 0.7), (1, 20, 0.5))
    mirrored = _leads(views, (0, 40, 0.9), (1, 10, 0.6), (1, 30, 0.7))
    assert [lead.first for lead in keep_more_similar(mirrored, upright)] == [39]
    assert keep_more_similar(mirrored, []) == mirrored
    assert keep_more_similar([], upright) == []


def test_a_picture_within_the_screenshot_lies_on_all_of_a_frame() -> None:
    screenshot = np.full((360, 640, 3), 90, np.uint8)
    screenshot[60:240, 200:520] = draw_random_picture(4, (320, 180))
    corners = np.array([[200, 60], [520, 60], [520, 240], [200, 240.0]]) / 640
    on_frame = np.array([[0, 0], [1, 0], [1, 9 / 16], [0, 9 / 16]])
    for view, expected in (
        (find_inset_regions(screenshot)[0], corners),
        (find_inset_regions(screenshot)[0].mirror(), (corners * (-1, 1) + (1, 0))[[1, 0, 3, 2]]),
    ):
        (lead,) = _leads([view], (0, 20, 0.9))
        found = transform_points(lead.hypotheses[0].transform, expected)
        np.testing.assert_allclose(found, on_frame, atol=0.01)
        assert lead.mirrored == view.mirrored

"""The part of a query that shows a frame: where it is cropped, and how it compares."""

import cv2
import numpy as np
import pytest
from moving_disc import MovingDisc, Picture

from whenanime_pipeline.core.search.geometry.hypotheses import PoseHypothesis
from whenanime_pipeline.core.search.geometry.query_crop import QueryCrop, crop_to_frame
from whenanime_pipeline.core.search.geometry.transform import Transform, transform_from_box

WIDTH, HEIGHT = 640, 480
BOX = (0.1, 0.2, 0.4, 0.36875)
"""Left, top, right and bottom of a 16:9 frame in the query, in widths of the query."""
TO_FRAME = transform_from_box(BOX, 0.5625)


@pytest.fixture
def shown() -> MovingDisc:
    return MovingDisc()


def _embed(frame: Picture) -> Picture:
    """Return a query of one gray level with a frame inside."""
    query = np.full((HEIGHT, WIDTH), 90, np.uint8)
    left, top, right, bottom = (round(side * WIDTH) for side in BOX)
    query[top:bottom, left:right] = cv2.resize(
        frame, (right - left, bottom - top), interpolation=cv2.INTER_AREA
    )
    return query


def test_the_crop_contains_the_frame_and_little_else(shown: MovingDisc) -> None:
    part = crop_to_frame(_embed(shown.gray(20)), TO_FRAME)
    assert part
    # A 4:3 frame with a margin of a tenth on each side: 0.36 by 0.27 widths.
    assert part.area_share == pytest.approx(0.36 * 0.27 / 0.75, rel=0.02)
    assert part.crop_to_query[:2, 2] == pytest.approx([0.07, 0.1775], abs=2 / WIDTH)


def test_coverage_is_relative_to_the_whole_query(shown: MovingDisc) -> None:
    query, reference = _embed(shown.gray(20)), shown.gray(20)
    hypothesis = PoseHypothesis(20, TO_FRAME, 9, 5.0, 0.0)
    part = crop_to_frame(query, TO_FRAME)
    assert part
    whole = QueryCrop.from_gray(query, np.eye(3), 1.0)
    for compare_part, compare_whole in (
        (part.compare_coarse, whole.compare_coarse),
        (part.compare_fine, whole.compare_fine),
    ):
        inside, around = (
            compare(reference, hypothesis) for compare in (compare_part, compare_whole)
        )
        assert inside.query_coverage == pytest.approx(around.query_coverage, abs=0.01)
        assert inside.correlation > 0.95


def test_refinement_returns_the_transform_of_the_whole_query(shown: MovingDisc) -> None:
    rough = TO_FRAME + np.array([[0.02, 0, 0.01], [0, 0.02, 0.01], [0, 0, 0]])
    part = crop_to_frame(_embed(shown.gray(20)), rough)
    assert part
    refined = part.refine_transform(shown.gray(20), PoseHypothesis(20, rough, 9, 5.0, 0.0))
    assert refined is not None
    corners = np.array([[BOX[0], BOX[1], 1], [BOX[2], BOX[3], 1]]).T
    np.testing.assert_allclose((refined @ corners)[:2], (TO_FRAME @ corners)[:2], atol=0.01)


VANISHING = np.linalg.inv(np.array([[1.0, 0, 0], [0, 1, 0], [-1, 0, 1]]))
"""Its right edge is at infinity in the query."""


@pytest.mark.parametrize(
    "transform",
    [np.eye(3), np.diag((100.0, 100.0, 1.0)), VANISHING],
    ids=["nearly all of it", "too small", "a corner at infinity"],
)
def test_the_whole_query_is_compared(transform: Transform) -> None:
    assert crop_to_frame(np.zeros((HEIGHT, WIDTH), np.uint8), transform) is None

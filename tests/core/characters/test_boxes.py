"""Comparing boxes, and results in the order of their scores."""

import numpy as np

from whenanime_pipeline.core.characters.boxes import compute_iou, suppress_overlaps
from whenanime_pipeline.core.characters.found_faces import FoundFaces

BOXES = np.array([[0, 0, 10, 10], [0, 0, 10, 20], [20, 0, 30, 10], [1, 0, 11, 10]], np.float32)


def test_intersection_over_union_of_all_pairs() -> None:
    iou = compute_iou(BOXES[:1], BOXES)
    np.testing.assert_allclose(iou, [[1, 0.5, 0, 90 / 110]], rtol=1e-6)
    assert compute_iou(BOXES, BOXES[:0]).shape == (4, 0)


def test_boxes_that_overlap_a_better_one_are_dropped() -> None:
    scores = np.array([0.6, 0.5, 0.9, 0.8], np.float32)
    keep = suppress_overlaps(BOXES, scores, 0.4)
    assert keep.tolist() == [False, False, True, True]
    assert suppress_overlaps(BOXES[:0], scores[:0], 0.4).shape == (0,)


def test_faces_are_sorted_by_score_and_scaled() -> None:
    faces = FoundFaces.make(BOXES, np.array([0.1, 0.4, 0.2, 0.3], np.float32))
    assert faces.scores.tolist() == [np.float32(v) for v in (0.4, 0.3, 0.2, 0.1)]
    assert faces.scale(2).boxes[0].tolist() == [0, 0, 20, 40]
    assert np.isnan(faces.landmarks).all()
    assert len(faces.select(faces.scores > 0.25)) == 2

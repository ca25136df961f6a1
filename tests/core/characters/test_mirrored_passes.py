"""Faces of a picture and of its mirror image are joined."""

import numpy as np
import pytest

from whenanime_pipeline.core.characters.found_faces import FoundFaces
from whenanime_pipeline.core.characters.mirrored_passes import merge_passes, mirror_faces


def make(*rows: tuple[list[float], float]) -> FoundFaces:
    boxes = np.array([box for box, _ in rows], np.float32).reshape(-1, 4)
    points = (
        np.repeat(boxes[:, None, :2], 5, axis=1) + np.arange(5, dtype=np.float32)[None, :, None]
    )
    return FoundFaces.make(boxes, np.array([score for _, score in rows], np.float32), points)


def test_mirrored_faces_have_their_eyes_on_the_other_side() -> None:
    faces = make(([10, 20, 40, 50], 0.9))
    mirrored = mirror_faces(faces, 100)
    assert mirrored.boxes.tolist() == [[60, 20, 90, 50]]
    assert mirrored.landmarks[0, :2].tolist() == [[89, 21], [90, 20]]
    twice = mirror_faces(mirrored, 100)
    np.testing.assert_array_equal(twice.boxes, faces.boxes)
    np.testing.assert_array_equal(twice.landmarks, faces.landmarks)


def test_what_both_passes_find_counts_more_than_what_one_finds() -> None:
    first = make(([0, 0, 20, 20], 0.6), ([100, 0, 120, 20], 0.9))
    second = make(([2, 0, 22, 20], 0.8), ([200, 0, 220, 20], 0.7))
    merged = merge_passes(first, second)
    assert merged.boxes.tolist() == [[1, 0, 21, 20], [100, 0, 120, 20], [200, 0, 220, 20]]
    assert merged.scores.tolist() == pytest.approx([0.7, 0.45, 0.35])
    assert merged.landmarks[0, 0].tolist() == [1, 0]


def test_two_faces_are_not_paired_with_one_and_overlaps_are_dropped() -> None:
    merged = merge_passes(
        make(([0, 0, 20, 20], 0.9), ([9, 0, 29, 20], 0.8)), make(([1, 0, 21, 20], 0.9))
    )
    assert len(merged) == 1
    assert merged.scores.tolist() == pytest.approx([0.9])
    assert len(merge_passes(make(), make())) == 0
    assert len(merge_passes(make(), make(([0, 0, 9, 9], 0.5)))) == 1

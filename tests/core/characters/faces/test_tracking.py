"""Faces of a shot become tracks."""

import numpy as np
import pytest

from whenanime_pipeline.core.characters.faces.face_crops import crop_face
from whenanime_pipeline.core.characters.faces.tracking import track_faces

LEFT, RIGHT = [10, 10, 40, 40], [100, 10, 130, 40]
ANNA, BEN = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
OTHER_ANNA = [0.9, 0.0, np.sqrt(1 - 0.81)]


def track(*looks: list[tuple[list[int], list[float]]]) -> list[list[int]]:
    boxes = [np.array([box for box, _ in look], np.float32).reshape(-1, 4) for look in looks]
    vectors = [np.array([v for _, v in look], np.float32).reshape(-1, 3) for look in looks]
    return [numbers.tolist() for numbers in track_faces(boxes, vectors)]


def test_two_faces_stay_two_tracks_in_any_order() -> None:
    assert track(
        [(LEFT, ANNA), (RIGHT, BEN)], [(RIGHT, BEN), (LEFT, OTHER_ANNA)], [], [(LEFT, ANNA)]
    ) == [[0, 1], [1, 0], [], [0]]


def test_someone_who_walks_is_followed_by_appearance() -> None:
    assert track([(LEFT, ANNA)], [([60, 10, 90, 40], ANNA)]) == [[0], [0]]
    assert track([(LEFT, ANNA)], [([60, 10, 90, 40], BEN)]) == [[0], [1]]


def test_another_face_at_the_same_place_is_another_track() -> None:
    assert track([(LEFT, ANNA)], [(LEFT, BEN)]) == [[0], [1]]


def test_two_faces_of_a_look_are_never_one_track() -> None:
    assert track([(LEFT, ANNA)], [(LEFT, ANNA), ([45, 10, 75, 40], ANNA)]) == [[0], [0, 1]]


@pytest.mark.parametrize("box", [[10, 10, 30, 40], [-5, -5, 20, 20], [300, 170, 330, 200]])
def test_crops_have_a_margin_and_a_least_size(box: list[float]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (180, 320, 3), np.uint8)
    crop = crop_face(picture, np.array(box, np.float32))
    assert min(crop.shape[:2]) == 96
    width, height = 1.2 * (box[2] - box[0]), 1.2 * (box[3] - box[1])
    assert crop.shape[0] / crop.shape[1] == pytest.approx(height / width, abs=0.06)


def test_large_crops_keep_their_pixels() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (180, 320, 3), np.uint8)
    crop = crop_face(picture, np.array([100, 40, 200, 140], np.float32))
    np.testing.assert_array_equal(crop, picture[30:150, 90:210])

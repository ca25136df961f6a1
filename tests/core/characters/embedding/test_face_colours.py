import cv2
import numpy as np
import pytest

from whenanime_pipeline.core.characters.embedding.colours import (
    COLOUR_DIMENSION,
    describe_colours,
)


def make_face(
    hair: tuple[int, int, int], eyes: tuple[int, int, int], skin: tuple[int, int, int]
) -> np.ndarray:
    face = np.full((144, 144, 3), skin, np.uint8)
    face[:45] = hair
    cv2.ellipse(face, (45, 70), (14, 16), 0, 0, 360, eyes, -1)
    cv2.ellipse(face, (99, 70), (14, 16), 0, 0, 360, eyes, -1)
    return face


BASE = make_face((92, 140, 216), (56, 168, 110), (255, 229, 212))


def test_rows_have_unit_length() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (3, 144, 144, 3)).astype(np.uint8)
    vectors = describe_colours([*noise, BASE, np.zeros((20, 20, 3), np.uint8)])
    assert vectors.shape == (5, COLOUR_DIMENSION)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    assert describe_colours([]).shape == (0, COLOUR_DIMENSION)


def test_other_hair_and_other_eyes_are_further_than_a_darker_light() -> None:
    darker = (BASE * 0.85).astype(np.uint8)
    hair = make_face((206, 76, 66), (56, 168, 110), (255, 229, 212))
    eyes = make_face((92, 140, 216), (208, 56, 68), (255, 229, 212))
    vectors = describe_colours([BASE, darker, eyes, hair])
    to_darker, to_eyes, to_hair = vectors[1:] @ vectors[0]
    assert to_darker > to_eyes > to_hair


def test_size_of_the_crop_does_not_matter() -> None:
    small = cv2.resize(BASE, (96, 96), interpolation=cv2.INTER_AREA)
    vectors = describe_colours([BASE, small])
    assert vectors[0] @ vectors[1] > 0.98

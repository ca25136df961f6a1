"""Edited frames retrieve their originals, and negatives are no matches."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sample_videos import index_film

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.learning.shipped.screenshots.delivery import (
    encode_as_posted,
    upscale_as_watched,
)
from whenanime_pipeline.core.learning.shipped.screenshots.edits import EDITS
from whenanime_pipeline.core.search.query.engine import SearchEngine

SIZE = (480, 270)
SHOTS = 16
SEED = 500
QUERIES = 6
Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> SearchEngine:
    shots = [draw_random_picture(SEED + number, SIZE) for number in range(SHOTS)]
    return index_film(tmp_path_factory.mktemp("library"), shots)


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_frame_retrieves_its_original(engine: SearchEngine, name: str) -> None:
    found, mirrored = 0, 0
    for number in range(QUERIES):
        rng = np.random.default_rng((number, 1))
        watched = upscale_as_watched(draw_random_picture(SEED + number, SIZE))
        scene = engine.search(encode_as_posted(EDITS[name](watched, rng), rng))[0]
        found += number / 2 <= scene.at < number / 2 + 0.5
        mirrored += scene.mirrored
    # A crop may show nothing but sky.
    assert found >= (QUERIES - 2 if name in ("crop15", "mix") else QUERIES - 1)
    # A drawn face before an even wall is its own mirror image.
    assert name == "mix" or (mirrored >= QUERIES - 2 if name == "flip" else mirrored <= 1)


def test_the_corners_of_a_crop_are_returned(engine: SearchEngine) -> None:
    picture = draw_random_picture(SEED + 3, SIZE)
    height, width = picture.shape[:2]
    crop = picture[height // 4 : height // 4 * 3, width // 4 : width // 4 * 3]
    scene = engine.search(crop)[0]
    assert scene.match != "similar"
    expected = [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)]
    np.testing.assert_allclose(scene.corners, expected, atol=0.02)


@pytest.fixture(scope="module")
def blurred(tmp_path_factory: pytest.TempPathFactory) -> tuple[SearchEngine, list[Picture]]:
    """An engine over blurred pictures with hardly any local features, and the pictures."""
    pictures = [
        cv2.GaussianBlur(draw_random_picture(SEED + n, SIZE), (0, 0), 9) for n in range(SHOTS)
    ]
    return index_film(tmp_path_factory.mktemp("blurred"), pictures), pictures


@pytest.mark.parametrize("mirrored", [False, True])
def test_crops_without_local_features_are_found_by_template_matching(
    blurred: tuple[SearchEngine, list[Picture]], *, mirrored: bool
) -> None:
    engine, pictures = blurred
    height, width = pictures[0].shape[:2]
    crop = slice(height // 4, height * 3 // 4), slice(width // 5, width * 7 // 10)
    found = 0
    for number, picture in enumerate(pictures):
        query = picture[crop][:, ::-1] if mirrored else picture[crop]
        scene = engine.search(np.ascontiguousarray(query))[0]
        found += number / 2 <= scene.at < number / 2 + 0.5 and scene.mirrored == mirrored
    assert found >= 7  # of 16: without template matching, 5 are, and 4 of the mirrored


def test_negatives_are_rarely_false_positives(engine: SearchEngine) -> None:
    best = [engine.search(draw_random_picture(9000 + number, SIZE))[0] for number in range(12)]
    # Classrooms, and faces under a headband, are drawn alike but for their colours, and one of each
    # is in the film: those two of the twelve have the same lines.
    assert sum(scene.match != "similar" for scene in best) <= 2
    assert sum(scene.similarity >= 0.9 for scene in best) <= 2


def test_a_frame_in_a_chat_is_found_without_local_features(engine: SearchEngine) -> None:
    snapshot = engine.snapshot
    without = SearchEngine(snapshot, engine.embedder, snapshot.load_index())
    chat = np.full((1600, 900, 3), 40, np.uint8)
    chat[900:1350, 50:850] = cv2.resize(draw_random_picture(SEED + 4, SIZE), (800, 450))
    scene = without.search(chat)[0]
    assert 2 <= scene.at < 2.5
    assert scene.match == "certain"
    # The corners of the screenshot, in widths and heights of the frame.
    assert scene.corners[0][1] < -1.5


def test_a_snapshot_without_local_features_finds_whole_frames(engine: SearchEngine) -> None:
    snapshot = engine.snapshot
    assert snapshot.load_local() is not None
    without = SearchEngine(snapshot, engine.embedder, snapshot.load_index())
    assert without.search(draw_random_picture(SEED + 2, SIZE))[0].match == "certain"
    mirrored = without.search(np.ascontiguousarray(draw_random_picture(SEED + 2, SIZE)[:, ::-1]))[0]
    assert mirrored.match == "certain"
    assert mirrored.mirrored

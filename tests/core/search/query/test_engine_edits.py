"""A frame is found again however its screenshot was edited, and what is not there is not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sample_videos import index, new_workspace, published_folder, write_film_of

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
ASKED = 6
Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> SearchEngine:
    workspace = new_workspace(tmp_path_factory.mktemp("library"))
    shots = [draw_random_picture(SEED + number, SIZE) for number in range(SHOTS)]
    write_film_of(workspace.videos_folder / "Show - S01E01.mp4", shots)
    index(workspace)
    return SearchEngine.open(published_folder(workspace))


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_frame_is_found(engine: SearchEngine, name: str) -> None:
    found, mirrored = 0, 0
    for number in range(ASKED):
        rng = np.random.default_rng((number, 1))
        watched = upscale_as_watched(draw_random_picture(SEED + number, SIZE))
        scene = engine.search(encode_as_posted(EDITS[name](watched, rng), rng))[0]
        found += number / 2 <= scene.at < number / 2 + 0.5
        mirrored += scene.mirrored
    # A crop may show nothing but sky.
    assert found >= (ASKED - 2 if name in ("crop15", "mix") else ASKED - 1)
    # A drawn face before an even wall is its own mirror image.
    assert name == "mix" or (mirrored >= ASKED - 2 if name == "flip" else mirrored <= 1)


def test_a_crop_is_said_to_be_one(engine: SearchEngine) -> None:
    picture = draw_random_picture(SEED + 3, SIZE)
    height, width = picture.shape[:2]
    crop = picture[height // 4 : height // 4 * 3, width // 4 : width // 4 * 3]
    scene = engine.search(crop)[0]
    assert scene.match != "similar"
    expected = [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)]
    np.testing.assert_allclose(scene.corners, expected, atol=0.02)


@pytest.fixture(scope="module")
def foggy(tmp_path_factory: pytest.TempPathFactory) -> tuple[SearchEngine, list[Picture]]:
    """An engine over pictures with hardly a patch left, and the pictures."""
    workspace = new_workspace(tmp_path_factory.mktemp("fog"))
    pictures = [
        cv2.GaussianBlur(draw_random_picture(SEED + n, SIZE), (0, 0), 9) for n in range(SHOTS)
    ]
    write_film_of(workspace.videos_folder / "Show - S01E01.mp4", pictures)
    index(workspace)
    return SearchEngine.open(published_folder(workspace)), pictures


@pytest.mark.parametrize("mirrored", [False, True])
def test_crops_of_fog_are_found(
    foggy: tuple[SearchEngine, list[Picture]], *, mirrored: bool
) -> None:
    engine, pictures = foggy
    height, width = pictures[0].shape[:2]
    crop = slice(height // 4, height * 3 // 4), slice(width // 5, width * 7 // 10)
    found = 0
    for number, picture in enumerate(pictures):
        asked = picture[crop][:, ::-1] if mirrored else picture[crop]
        scene = engine.search(np.ascontiguousarray(asked))[0]
        found += number / 2 <= scene.at < number / 2 + 0.5 and scene.mirrored == mirrored
    assert found >= 7  # of 16: without sliding, 5 are, and 4 of the mirrored


def test_negatives_are_only_similar(engine: SearchEngine) -> None:
    best = [engine.search(draw_random_picture(9000 + number, SIZE))[0] for number in range(12)]
    # Classrooms, and faces under a headband, are drawn alike but for their colours, and one of each
    # is in the film: those two of the twelve have the same lines.
    assert sum(scene.match != "similar" for scene in best) <= 2
    assert sum(scene.similarity >= 0.9 for scene in best) <= 2


def test_a_picture_in_a_chat_is_found_also_without_patches(engine: SearchEngine) -> None:
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

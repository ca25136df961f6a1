import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from whenanime_pipeline.core.characters.embedding.crops import cut_face
from whenanime_pipeline.core.characters.embedding.face_embedder import (
    FaceEmbedder,
    face_model_folder,
    join_colours,
)
from whenanime_pipeline.core.learning.shipped.face_sheet.sheet import (
    FaceSheet,
    SheetOptions,
    draw_sheet,
)
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.model_files import (
    base_model_folder,
    compute_model_id,
)
from whenanime_pipeline.core.search.errors import ModelError


@pytest.fixture(scope="module")
def embedder() -> FaceEmbedder:
    return FaceEmbedder.load(threads=1)


@pytest.fixture(scope="module")
def sheet() -> FaceSheet:
    return draw_sheet(SheetOptions("test", styles=2, names=6, drawings=6, siblings=0.0), seed=9)


def test_model_is_small() -> None:
    assert sum(path.stat().st_size for path in face_model_folder().iterdir()) <= 10e6


def test_onnx_agrees_with_torch(embedder: FaceEmbedder, sheet: FaceSheet) -> None:
    import cv2
    import torch

    from whenanime_pipeline.core.learning.network.weights import load_network

    network = load_network(face_model_folder()).eval()
    side = embedder.network.meta.input.width
    pictures = np.stack(
        [cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA) for crop in sheet.crops]
    )
    with torch.inference_mode():
        expected = network(torch.from_numpy(pictures)).numpy()
    found = embedder.network.embed(sheet.crops)
    assert (found * expected).sum(axis=1).min() > 0.9999


def test_vectors_have_unit_length_and_faces_do_not_depend_on_each_other(
    embedder: FaceEmbedder,
) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (180, 320, 3)).astype(np.uint8)
    boxes = [(10.0, 10.0, 60.0, 60.0), (100.0, 50.0, 180.0, 140.0), (-5.0, -5.0, 30.0, 30.0)]
    vectors = embedder.embed_faces(picture, boxes)
    assert vectors.shape == (3, embedder.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    alone = embedder.embed_faces(picture, boxes[1:2])
    assert (alone @ vectors[1]).item() > 0.9999
    assert embedder.embed_faces(picture, []).shape == (0, embedder.dimension)


def test_fine_tuned_model_separates_names_better_than_the_base_model(
    embedder: FaceEmbedder, sheet: FaceSheet
) -> None:
    def count_right(vectors: np.ndarray) -> int:
        similarities = vectors @ vectors.T
        np.fill_diagonal(similarities, -2)
        return int((sheet.names[similarities.argmax(axis=1)] == sheet.names).sum())

    base = Embedder.load(base_model_folder(), threads=1)
    ours = count_right(embedder.embed_crops(list(sheet.crops)))
    assert ours >= 0.9 * len(sheet)
    assert ours > count_right(base.embed(sheet.crops))


def test_similarity_is_the_weighted_mean_of_both() -> None:
    a = np.array([[1.0, 0.0], [0.6, 0.8]], np.float32)
    b = np.array([[0.0, 1.0], [0.0, 1.0]], np.float32)
    joined = join_colours(a, b, 0.25)
    assert joined[0] @ joined[1] == pytest.approx(0.75 * 0.6 + 0.25 * 1.0)
    assert np.linalg.norm(joined, axis=1) == pytest.approx(1)


def test_model_without_a_calibration_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(face_model_folder(), folder)
    meta = json.loads((folder / "meta.json").read_text())
    del meta["calibration"], meta["model_id"]
    onnx = (folder / "model.onnx").read_bytes()
    meta["model_id"] = compute_model_id(onnx, meta)
    (folder / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(ModelError, match="no calibration of names"):
        FaceEmbedder.load(folder)


def test_a_face_costs_few_milliseconds(embedder: FaceEmbedder, sheet: FaceSheet) -> None:
    patch = np.ascontiguousarray(sheet.crops[0])
    crops = [cut_face(patch, (12.0, 12.0, 132.0, 132.0))] * 40
    embedder.embed_crops(crops)
    begin = time.process_time()
    embedder.embed_crops(crops)
    assert (time.process_time() - begin) / len(crops) < 0.02

"""Pictures to judge on and models to be judged."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
from conftest import make_model
from numpy.typing import NDArray
from onnx import numpy_helper
from painted_frames import paint_frame
from PIL import Image

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.pictures import make_thumbnail, squeeze_to_square
from whenanime_pipeline.core.learning.report.mistakes import FrameLocation
from whenanime_pipeline.core.learning.training_data import TrainingData
from whenanime_pipeline.core.search.embedding.model_files import (
    META_FILE,
    ONNX_FILE,
    compute_model_id,
)


def make_validation_data(count: int = 24, *, seed: int = 0, noise: float = 20.0) -> TrainingData:
    """Painted pictures, and as their views the same a little cut and noisy; sides differ."""
    chance = np.random.default_rng(seed)
    frames = [paint_frame(seed * 1000 + number) for number in range(count)]
    originals = np.stack([squeeze_to_square(frame, 80) for frame in frames])
    parts = np.stack([squeeze_to_square(frame[6:84, 10:150], 72) for frame in frames]).astype(float)
    views = (parts + chance.normal(0, noise, parts.shape)).clip(0, 255).astype(np.uint8)
    thumbnails = np.stack([make_thumbnail(frame) for frame in frames])
    return TrainingData(
        id=f"material-{seed}",
        pictures=originals,
        thumbnails=thumbnails,
        originals=originals,
        views=views,
        mean=(1.0,) * 3,
        std=(1.0,) * 3,
        dataset=f"dataset-{seed}",
    )


def make_validation_places(count: int = 24) -> list[FrameLocation]:
    return [FrameLocation(f"時 Show/Show - S01E0{n % 3}.mkv", 61.6 * n) for n in range(count)]


def adopt(home: Home, *, seed: int = 1, name: str = "rival", **meta: object) -> Path:
    """Write a model of mean colours and use it; further fields go into its `meta.json`."""
    folder = make_model(home.models / name, seed=seed)
    update_meta(folder, **meta)
    (home.models / "IN_USE").write_text(name + "\n")
    return folder


def update_meta(folder: Path, **meta: object) -> None:
    stored = json.loads((folder / META_FILE).read_text()) | meta
    stored["model_id"] = compute_model_id((folder / ONNX_FILE).read_bytes(), stored)
    (folder / META_FILE).write_text(json.dumps(stored))


def replace_projection(folder: Path, projection: NDArray[np.float32]) -> None:
    """Give a model of mean colours other weights."""
    model = onnx.load(folder / ONNX_FILE)
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(projection, "projection"))
    (folder / ONNX_FILE).write_bytes(model.SerializeToString())
    update_meta(folder)


def decode_png(png: bytes) -> NDArray[np.uint8]:
    """Decode a PNG with its transparency."""
    with Image.open(BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGBA"))

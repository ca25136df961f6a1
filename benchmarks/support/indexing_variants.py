"""Three variants of indexing a video, each with its cost: ours, the seed's, decoding alone."""

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import pyarrow as pa

from benchmarks.support.cost import Cost, measure_cost
from benchmarks.support.profiling import profile_by_function
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.hnsw import HnswIndex
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.embedding.stored_embeddings import (
    extract_embeddings,
    read_embeddings,
)
from whenanime_pipeline.core.search.frames.extraction import extract_frames
from whenanime_pipeline.core.search.frames.sampling import Sampling
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.settings import IndexOptions, SamplingOptions

_HAMMING = 4
"""Largest Hamming distance, of 64 bits, of equal pictures in the seed."""
_REMEMBERED = 100
"""Hashes that the seed compares a picture with."""


@dataclass(frozen=True, slots=True)
class IndexingPass:
    """One pass over a video.

    Attributes:
        cost: cost without loading the model.
        load_seconds: seconds to load the model and to initialise libraries.
        pictures: number of embedded pictures.
    """

    cost: Cost
    load_seconds: float
    pictures: int


def default_sampling() -> Sampling:
    """Return the default sampling of a whole episode."""
    options = SamplingOptions()
    return Sampling(options.fps, 0.0, 0.0, options.similarity_threshold)


def index_video(video: Path, model: Path, folder: Path) -> IndexingPass:
    """Index a video as `whenanime index` does: frames, features, graph.

    Args:
        video: video to index.
        model: folder of the model.
        folder: folder of the files written.
    """
    with measure_cost() as loading:
        embedder = _load_model(model)
    with measure_cost() as cost:
        pictures = _index(video, embedder, folder)
    return IndexingPass(cost, loading.wall, pictures)


def profile_index(video: Path, model: Path, folder: Path) -> dict[str, float]:
    """Index a video and return the seconds spent in each of our functions, largest first."""
    embedder = _load_model(model)
    return profile_by_function(lambda: _index(video, embedder, folder))


def index_like_seed(video: Path) -> IndexingPass:
    """Index a video as the seed did.

    Every frame is read with OpenCV; every third one is hashed by ImageHash at full size, compared
    with the list of the last hashes, and, if it is new, embedded by ResNet-18 in fp32, one picture
    per call. The weights are random, which takes the same time. Call it in a fresh process.
    """
    # Torch's threads spin while waiting, which on a busy machine costs ten times the work.
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    import torch
    from imagehash import phash
    from PIL import Image
    from torchvision.models import resnet18

    with measure_cost() as loading:
        network = resnet18(weights=None).eval()
        network.fc = torch.nn.Identity()
        phash(Image.new("RGB", (64, 64)))
        with torch.no_grad():
            network(torch.zeros(1, 3, 224, 224))
    kept: deque[object] = deque(maxlen=_REMEMBERED)
    pictures = 0
    with measure_cost() as cost, torch.no_grad():
        capture = cv2.VideoCapture(str(video))
        number = 0
        while True:
            read, frame = capture.read()
            if not read:
                break
            number += 1
            if number % 3 != 1:
                continue
            picture = Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            found = phash(picture)
            if any(found - other <= _HAMMING for other in kept):
                continue
            kept.append(found)
            pixels = np.asarray(picture.resize((224, 224), Image.Resampling.BILINEAR), np.float32)
            batch = torch.from_numpy(pixels / 255).permute(2, 0, 1).unsqueeze(0)
            network(batch)
            pictures += 1
        capture.release()
    return IndexingPass(cost, loading.wall, pictures)


def decode_only(video: Path) -> IndexingPass:
    """Decode every frame with PyAV, with as many threads as ours and the loop filter on."""
    with measure_cost() as cost, av.open(str(video)) as film:
        pictures = film.streams.video[0]
        pictures.thread_type = "AUTO"
        pictures.codec_context.thread_count = 0
        for _ in film.decode(pictures):
            pass
    return IndexingPass(cost, 0.0, 0)


def _load_model(model: Path) -> Embedder:
    """Load a model, and initialise it and Arrow by a first use."""
    embedder = Embedder.load(model)
    embedder.embed([np.zeros((36, 64, 3), np.uint8)])
    pa.array([0])
    return embedder


def _index(video: Path, embedder: Embedder, folder: Path) -> int:
    frames, features = folder / "frames.arrow", folder / "features.parquet"
    report = extract_frames(video, frames, default_sampling())
    with FramesFile(frames) as stored:
        extract_embeddings(stored, features, embedder)
    graph = HnswIndex.create(embedder.dimension, IndexOptions())
    graph.add(labels_of(0, report.frames), read_embeddings(features))
    graph.save(folder / "index.hnsw")
    return report.frames

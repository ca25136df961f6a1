"""Traces the memory of indexing a long film, by quarters of the film."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.support.indexing_variants import default_sampling
from whenanime_pipeline.core.media.probe import probe_video
from whenanime_pipeline.core.search.embedding.embedder import Embedder
from whenanime_pipeline.core.search.embedding.hnsw import HnswIndex
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.embedding.stored_embeddings import (
    extract_embeddings,
    read_embeddings,
)
from whenanime_pipeline.core.search.frames.extraction import extract_frames
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.local.extract import extract_local_features
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary
from whenanime_pipeline.core.settings import IndexOptions


@dataclass(frozen=True, slots=True)
class MemoryByQuarter:
    """Peak memory of indexing a film.

    Attributes:
        private_bytes: peak of private memory (resident less shared) in each quarter of the film.
        resident_bytes: peak of resident memory in each quarter.
        embedding_peak_bytes: peak of private memory while frames were embedded and indexed.
        seconds: length of the film.
        pictures: number of distinct frames.
    """

    private_bytes: list[int]
    resident_bytes: list[int]
    embedding_peak_bytes: int
    seconds: float
    pictures: int

    def to_rows(self) -> list[dict[str, object]]:
        """Return a row for each quarter."""
        pairs = zip(self.private_bytes, self.resident_bytes, strict=True)
        return [
            {"quarter": number + 1, "private, MB": own / 1e6, "resident, MB": resident / 1e6}
            for number, (own, resident) in enumerate(pairs)
        ]


def index_with_memory_trace(video: Path, model: Path, folder: Path) -> MemoryByQuarter:
    """Index a video, reading the memory at each report of progress.

    Args:
        video: video to index.
        model: folder of the model.
        folder: folder of the files written.
    """
    process = psutil.Process()
    embedder = Embedder.load(model)
    own, resident, after = [0] * 4, [0] * 4, 0

    def reading(second: float, duration: float) -> None:
        quarter = min(3, int(4 * second / duration))
        memory = process.memory_info()
        own[quarter] = max(own[quarter], memory.rss - memory.shared)
        resident[quarter] = max(resident[quarter], memory.rss)

    def embedding(_done: float = 0, _frames: float = 0) -> None:
        nonlocal after
        memory = process.memory_info()
        after = max(after, memory.rss - memory.shared)

    frames, features = folder / "frames.arrow", folder / "features.parquet"
    report = extract_frames(video, frames, default_sampling(), progress=reading)
    with FramesFile(frames) as stored:
        extract_embeddings(stored, features, embedder, progress=embedding)
        extract_local_features(stored, Vocabulary.load(), progress=embedding)
    graph = HnswIndex.create(embedder.dimension, IndexOptions())
    graph.add(labels_of(0, report.frames), read_embeddings(features))
    embedding()
    return MemoryByQuarter(own, resident, after, probe_video(video).duration or 0.0, report.frames)

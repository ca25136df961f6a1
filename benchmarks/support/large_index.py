"""Measures time, memory and recall of a large HNSW index."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil

from benchmarks.support.cost import measure_cost
from whenanime_pipeline.core.search.embedding.hnsw import HnswIndex
from whenanime_pipeline.core.search.embedding.labels import labels_of
from whenanime_pipeline.core.search.embedding.vectors import Vectors, normalise_rows
from whenanime_pipeline.core.settings import IndexOptions

_EPISODE = 2_500
"""Vectors of an episode: about the distinct frames of 24 minutes."""
_SCENE = 12
"""Similar frames of a scene."""
_NEAR = 0.35
"""Distance of a scene's frames from their centre, relative to the vectors' length."""
_QUERIES = 200


@dataclass(frozen=True, slots=True)
class IndexCost:
    """Cost of using an index.

    Attributes:
        load_seconds: seconds to load it.
        memory_bytes: increase of resident memory by loading.
        search_milliseconds: median milliseconds per query.
        recall: share of queries whose nearest vector is found, 0 to 1.
        add_seconds: seconds to add an episode of 2,500 vectors.
        remove_seconds: seconds to remove it.
    """

    load_seconds: float
    memory_bytes: int
    search_milliseconds: float
    recall: float
    add_seconds: float
    remove_seconds: float


def build_index(count: int, dimension: int, path: Path) -> tuple[float, float]:
    """Build and save an index.

    Args:
        count: number of vectors, in episodes of 2,500 and scenes of 12 similar ones.
        dimension: dimension of the vectors.
        path: file to write.

    Returns:
        Seconds of adding and of saving.
    """
    graph = HnswIndex.create(dimension, IndexOptions())
    adding = 0.0
    for content in range(-(-count // _EPISODE)):
        frames = min(_EPISODE, count - content * _EPISODE)
        vectors = _episode_vectors(content, dimension)[:frames]
        with measure_cost() as cost:
            graph.add(labels_of(content, frames), vectors)
        adding += cost.wall
    with measure_cost() as saving:
        graph.save(path)
    return adding, saving.wall


def measure_index(count: int, dimension: int, path: Path) -> IndexCost:
    """Measure an index that `build_index` saved; call it in a fresh process."""
    options = IndexOptions()
    process = psutil.Process()
    before = process.memory_info().rss
    with measure_cost() as loading:
        graph = HnswIndex.load(path, dimension, count, options)
    memory = process.memory_info().rss - before
    milliseconds, recall = _search(graph, count, dimension)
    content = -(-count // _EPISODE)
    more = _episode_vectors(content, dimension)
    with measure_cost() as adding:
        graph.add(labels_of(content, len(more)), more)
    with measure_cost() as removing:
        graph.remove(labels_of(content, len(more)))
    return IndexCost(
        load_seconds=loading.wall,
        memory_bytes=memory,
        search_milliseconds=milliseconds,
        recall=recall,
        add_seconds=adding.wall,
        remove_seconds=removing.wall,
    )


def measure_recall_among_duplicates(episodes: int, repeats: int, dimension: int) -> float:
    """Return the recall where all episodes share bit-identical pictures, such as black or a logo.

    Equal vectors are each other's nearest neighbours; where they take up all edges of a node, the
    graph has no way out of them.

    Args:
        episodes: number of episodes, each with 60 frames of its own.
        repeats: number of pictures that all episodes share.
        dimension: dimension of the vectors.

    Returns:
        Share of the episodes' own frames that retrieve themselves, 0 to 1.
    """
    shared = _episode_vectors(0, dimension)[: repeats * _SCENE : _SCENE]
    graph = HnswIndex.create(dimension, IndexOptions())
    for content in range(episodes):
        vectors = np.concatenate([shared, _episode_vectors(content + 1, dimension)[: 5 * _SCENE]])
        graph.add(labels_of(content, len(vectors)), vectors)
    rng = np.random.default_rng(0)
    frames = labels_of(0, 5 * _SCENE + repeats)[repeats:]
    firsts = np.array([labels_of(int(c), 1)[0] for c in rng.integers(0, episodes, _QUERIES)])
    query_labels = firsts + rng.choice(frames, _QUERIES)
    found, _ = graph.search(graph.vectors(query_labels), 64)
    return float(np.mean(found[:, 0] == query_labels))


def _search(graph: HnswIndex, count: int, dimension: int) -> tuple[float, float]:
    """Return the median milliseconds per query, and recall@1 against an exhaustive search."""
    contents = -(-count // _EPISODE)
    rng = np.random.default_rng(1)
    chosen = rng.integers(0, count, _QUERIES)
    originals = np.stack(
        [
            _episode_vectors(place // _EPISODE, dimension)[place % _EPISODE]
            for place in chosen.tolist()
        ]
    )
    queries = normalise_rows(
        (originals + rng.normal(0, 0.2 / dimension**0.5, originals.shape)).astype(np.float32)
    )
    times, found = [], []
    for query in queries:
        began = perf_counter()
        labels, _ = graph.search(query[None], 64)
        times.append(1000 * (perf_counter() - began))
        found.append(int(labels[0, 0]))
    best, nearest = np.full(_QUERIES, -2.0), np.zeros(_QUERIES, np.int64)
    for content in range(contents):
        frames = min(_EPISODE, count - content * _EPISODE)
        cosines = queries @ _episode_vectors(content, dimension)[:frames].T
        top = cosines.max(axis=1)
        labels = labels_of(content, frames)[cosines.argmax(axis=1)].astype(np.int64)
        nearest = np.where(top > best, labels, nearest)
        best = np.maximum(best, top)
    return float(np.median(times)), float(np.mean(np.array(found) == nearest))


def _episode_vectors(content: int, dimension: int) -> Vectors:
    """Return an episode's vectors, seeded by its number: scenes of similar frames."""
    rng = np.random.default_rng(content)
    scenes = normalise_rows(
        rng.standard_normal((-(-_EPISODE // _SCENE), dimension)).astype(np.float32)
    )
    frames = np.repeat(scenes, _SCENE, axis=0)[:_EPISODE]
    apart = rng.normal(0, _NEAR / dimension**0.5, frames.shape).astype(np.float32)
    return normalise_rows(frames + apart)

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.hnsw import JITTER, HnswIndex
from whenanime_pipeline.core.search.errors import SnapshotError
from whenanime_pipeline.core.settings import IndexOptions

OPTIONS = IndexOptions(m=8, ef_construction=100, ef=64)


def _unit(count: int, seed: int, dimension: int = 16) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _labels(start: int, count: int) -> NDArray[np.uint64]:
    return np.arange(start, start + count, dtype=np.uint64)


def _recall(index: HnswIndex, labels: NDArray[np.uint64], vectors: NDArray[np.float32]) -> float:
    found, _ = index.search(vectors, 1)
    return float((found[:, 0] == labels).mean())


def test_neighbours_and_cosines_are_those_of_an_exhaustive_search() -> None:
    vectors, queries = _unit(2000, 0), _unit(50, 1)
    index = HnswIndex.create(16, OPTIONS)
    index.add(_labels(7, 2000), vectors)
    found, cosines = index.search(queries, 10)
    exact = queries @ vectors.T
    best = np.argsort(-exact, axis=1)[:, :10]
    shared = [
        len(set(a.tolist()) & set((b + 7).tolist())) for a, b in zip(found, best, strict=True)
    ]
    assert np.mean(shared) >= 9.5
    # Stored vectors are moved by a hair, and a cosine by as much at most.
    np.testing.assert_allclose(
        cosines[:, 0], exact[np.arange(50), found[:, 0].astype(int) - 7], atol=JITTER
    )
    assert (np.diff(cosines, axis=1) <= 1e-6).all()


def test_removed_vectors_are_not_found_and_their_slots_are_reused(tmp_path: Path) -> None:
    index = HnswIndex.create(16, OPTIONS)
    index.add(_labels(0, 1000), _unit(1000, 0))
    index.remove(_labels(200, 300))
    assert len(index) == 700
    index.add(_labels(5000, 300), _unit(300, 2))
    assert len(index) == 1000
    found, _ = index.search(_unit(1000, 0)[200:500], 5)
    assert not np.isin(found, _labels(200, 300)).any()
    assert _recall(index, _labels(5000, 300), _unit(300, 2)) >= 0.98
    index.save(tmp_path / "index")
    once = (tmp_path / "index").stat().st_size
    fresh = HnswIndex.create(16, OPTIONS)
    fresh.add(_labels(0, 1000), _unit(1000, 0))
    fresh.save(tmp_path / "fresh")
    assert once == (tmp_path / "fresh").stat().st_size


def test_a_saved_index_can_be_updated(tmp_path: Path) -> None:
    index = HnswIndex.create(16, OPTIONS)
    index.add(_labels(0, 500), _unit(500, 0))
    index.remove(_labels(0, 100))
    index.save(tmp_path / "index")
    loaded = HnswIndex.load(tmp_path / "index", 16, 400, OPTIONS)
    assert len(loaded) == 400
    loaded.add(_labels(1000, 3000), _unit(3000, 3))
    assert len(loaded) == 3400
    assert _recall(loaded, _labels(1000, 3000), _unit(3000, 3)) >= 0.98
    assert _recall(loaded, _labels(100, 400), _unit(500, 0)[100:]) >= 0.98
    cosines = (loaded.vectors(_labels(1000, 3000)) * _unit(3000, 3)).sum(axis=1)
    assert cosines.min() > 1 - JITTER**2 * 3


def test_many_replacements_keep_the_size_and_the_recall() -> None:
    index = HnswIndex.create(16, OPTIONS)
    index.add(_labels(0, 600), _unit(600, 0))
    for turn in range(1, 8):
        index.remove(_labels((turn - 1) * 600, 600))
        index.add(_labels(turn * 600, 600), _unit(600, turn))
    assert len(index) == 600
    assert not index.needs_rebuild
    assert _recall(index, _labels(7 * 600, 600), _unit(600, 7)) >= 0.98


def test_pictures_shared_by_all_episodes_keep_the_recall() -> None:
    shared, dimension = _unit(4, 99, 128), 128
    index, own = HnswIndex.create(dimension, IndexOptions()), []
    for episode in range(150):
        own.append(_unit(20, episode, dimension))
        index.add(_labels(episode * 24, 24), np.concatenate([own[-1], shared]))
    labels = np.concatenate([_labels(episode * 24, 20) for episode in range(150)])
    assert _recall(index, labels, np.concatenate(own)) >= 0.995


def test_two_builds_are_equal_to_the_bit(tmp_path: Path) -> None:
    for name in ("one", "two"):
        index = HnswIndex.create(16, OPTIONS)
        index.add(_labels(0, 500), _unit(500, 0))
        index.save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_mostly_empty_graph_needs_a_rebuild() -> None:
    index = HnswIndex.create(16, OPTIONS)
    index.add(_labels(0, 100), _unit(100, 0))
    index.remove(_labels(0, 60))
    assert index.needs_rebuild


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_k_above_the_number_of_vectors_is_no_error(count: int) -> None:
    index = HnswIndex.create(16, OPTIONS)
    index.add(_labels(0, count), _unit(count, 0))
    found, cosines = index.search(_unit(2, 1), 10)
    assert found.shape == cosines.shape == (2, count)


def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "broken.hnsw").write_bytes(b"not an index")
    with pytest.raises(SnapshotError, match=r"broken\.hnsw"):
        HnswIndex.load(tmp_path / "broken.hnsw", 16, 1, OPTIONS)


def test_an_audit_covers_every_vector(tmp_path: Path) -> None:
    index = HnswIndex.create(16, OPTIONS)
    index.add(_labels(0, 300), _unit(300, 0))
    index.remove(_labels(100, 100))
    index.add(_labels(1000, 40), _unit(40, 1))
    there = np.concatenate([_labels(0, 100), _labels(200, 100), _labels(1000, 40)])
    index.save(tmp_path / "index")
    for graph in (index, HnswIndex.load(tmp_path / "index", 16, len(there), OPTIONS)):
        assert graph.audit(there) == (0, 0)
        assert graph.audit(there[1:]) == (0, 1)
        assert graph.audit(np.concatenate([there, _labels(100, 3), _labels(5000, 2)])) == (5, 0)
        assert graph.audit(_labels(0, 0)) == (0, 240)


def test_removed_vectors_come_back_unless_their_slots_were_reused(tmp_path: Path) -> None:
    vectors = _unit(1000, 0)
    index = HnswIndex.create(16, OPTIONS)
    index.add(_labels(0, 1000), vectors)
    index.remove(_labels(200, 300))
    index.add(_labels(5000, 100), _unit(100, 2))
    index.save(tmp_path / "index")
    again = HnswIndex.load(tmp_path / "index", 16, 800, OPTIONS)
    gone = again.restore(_labels(200, 300))
    assert (len(gone), len(again)) == (100, 1000)
    again.add(gone, vectors[gone])
    labels = np.concatenate([_labels(0, 1000), _labels(5000, 100)])
    assert again.audit(labels) == (0, 0)
    assert len(again) == len(labels)
    assert _recall(again, _labels(200, 300), vectors[200:500]) >= 0.98

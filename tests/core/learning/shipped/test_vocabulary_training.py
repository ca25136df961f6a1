from pathlib import Path

import numpy as np
import pytest

from whenanime_pipeline.core.learning.shipped.vocabulary_training import (
    assign_to_centres,
    describe_drawn_pictures,
    learn_vocabulary,
    write_vocabulary,
)
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def descriptors() -> np.ndarray:
    return describe_drawn_pictures(12, 1)


def test_words_lie_where_descriptors_do(descriptors: np.ndarray) -> None:
    before = learn_vocabulary(descriptors, words=128, rounds=0)
    after = learn_vocabulary(descriptors, words=128, rounds=8)

    def error(vocabulary: Vocabulary) -> float:
        projected = (descriptors - vocabulary.mean) @ vocabulary.axes
        own = vocabulary.words[assign_to_centres(projected, vocabulary.words)]
        return float(((projected - own) ** 2).sum(axis=1).mean())

    assert error(after) < 0.9 * error(before)


def test_the_same_seed_gives_the_same_vocabulary(descriptors: np.ndarray) -> None:
    one, other = (learn_vocabulary(descriptors, words=64, rounds=2) for _ in range(2))
    assert one.id == other.id
    assert learn_vocabulary(descriptors, words=64, rounds=2, seed=8).id != one.id


def test_bits_are_balanced_and_independent(descriptors: np.ndarray) -> None:
    vocabulary = learn_vocabulary(descriptors, words=128, rounds=4)
    _, codes = vocabulary.quantise(descriptors)
    bits = np.unpackbits(codes[:, 0].view(np.uint8).reshape(-1, 8), axis=1)
    assert 0.3 < bits.mean(axis=0).min() <= bits.mean(axis=0).max() < 0.7
    correlations = np.corrcoef(bits.T) - np.eye(64)
    assert np.abs(correlations).mean() < 0.1


def test_an_empty_cluster_is_reinitialised() -> None:
    rng = np.random.default_rng(0)
    # Two heaps, and more words than one heap needs: none may stay empty for ever.
    heaps = [rng.normal(place, 0.1, (400, 128)).astype(np.float32) for place in (0, 3)]
    points = np.concatenate(heaps)
    vocabulary = learn_vocabulary(points, words=32, rounds=10)
    projected = ((points - vocabulary.mean) @ vocabulary.axes).astype(np.float32)
    used = np.bincount(assign_to_centres(projected, vocabulary.words), minlength=32)
    assert (used > 0).mean() > 0.9


def test_the_vocabulary_round_trips_through_its_file(
    descriptors: np.ndarray, tmp_path: Path
) -> None:
    vocabulary = learn_vocabulary(descriptors, words=64, rounds=1)
    write_vocabulary(tmp_path / "v.npz", vocabulary)
    assert Vocabulary.read(tmp_path / "v.npz").id == vocabulary.id

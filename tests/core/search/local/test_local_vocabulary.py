import threading
from pathlib import Path

import numpy as np
import pytest

from whenanime_pipeline.core.learning.shipped.drawing.pictures import draw_random_picture
from whenanime_pipeline.core.search.errors import ModelError
from whenanime_pipeline.core.search.local.detector import QUERY_SETTINGS, detect
from whenanime_pipeline.core.search.local.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def descriptors() -> np.ndarray:
    found = [
        detect(draw_random_picture(seed, (320, 180)), QUERY_SETTINGS).descriptors
        for seed in range(5)
    ]
    return np.concatenate(found)


def test_the_nearest_words_are_those_of_an_exhaustive_search(descriptors: np.ndarray) -> None:
    vocabulary = Vocabulary.load()
    words, _ = vocabulary.quantise(descriptors, 4)
    projected = (descriptors - vocabulary.mean) @ vocabulary.axes
    distances = (vocabulary.words**2).sum(axis=1) / 2 - projected @ vocabulary.words.T
    exact = np.argsort(distances, axis=1)[:, :4]
    assert (words[:, 0] == exact[:, 0]).mean() > 0.97
    shared = [len(set(a) & set(b)) for a, b in zip(words.tolist(), exact.tolist(), strict=True)]
    assert np.mean(shared) > 3.8
    assert words.dtype == np.uint16
    assert words.max() < vocabulary.size


def test_codes_of_similar_descriptors_are_near_and_of_others_far(descriptors: np.ndarray) -> None:
    vocabulary = Vocabulary.load()
    rng = np.random.default_rng(0)
    noisy = descriptors + rng.normal(0, 0.01, descriptors.shape).astype(np.float32)
    words, codes = vocabulary.quantise(descriptors)
    _, same = vocabulary.quantise(noisy)
    assert codes.dtype == np.uint64
    kept = vocabulary.quantise(noisy)[0] == words
    assert np.median(np.bitwise_count(codes ^ same)[kept]) < 16
    others = np.bitwise_count(codes ^ rng.permutation(codes))
    assert 24 < np.median(others) < 36


def test_a_descriptor_has_another_code_in_every_word(descriptors: np.ndarray) -> None:
    """Codes are relative to the word: in the second nearest word a descriptor has another code."""
    _, codes = Vocabulary.load().quantise(descriptors, 3)
    assert (codes[:, 0] != codes[:, 1]).mean() > 0.99


def test_no_descriptors_have_no_words() -> None:
    words, codes = Vocabulary.load().quantise(np.empty((0, 128), np.float32), 4)
    assert words.shape == codes.shape == (0, 4)


def test_several_threads_get_the_same_words(descriptors: np.ndarray) -> None:
    vocabulary = Vocabulary.read(Path(str(_shipped())))
    expected = Vocabulary.load().quantise(descriptors, 4)
    found: list[tuple[np.ndarray, np.ndarray]] = []
    barrier = threading.Barrier(4)

    def ask() -> None:
        barrier.wait()  # all want the graph that none has made yet
        found.append(vocabulary.quantise(descriptors, 4))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for words, codes in found:
        np.testing.assert_array_equal(words, expected[0])
        np.testing.assert_array_equal(codes, expected[1])


def _shipped() -> Path:
    from whenanime_pipeline.core.search.local import vocabulary

    return Path(vocabulary.__file__).parent / vocabulary.VOCABULARY_FILE


def test_the_shipped_vocabulary_is_small_and_uses_most_words(
    descriptors: np.ndarray,
) -> None:
    assert _shipped().stat().st_size < 2_000_000
    words, _ = Vocabulary.load().quantise(descriptors)
    assert len(np.unique(words)) > 0.4 * len(words)


def test_another_vocabulary_has_another_id() -> None:
    own = Vocabulary.load()
    other = Vocabulary(own.mean, own.axes, own.words * 2, own.turn)
    assert other.id != own.id
    assert Vocabulary.read(_shipped()).id == own.id
    assert own is Vocabulary.load()


def test_a_damaged_vocabulary_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.npz"
    with pytest.raises(ModelError, match="install"):
        Vocabulary.read(path)
    path.write_bytes(_shipped().read_bytes()[:5000])
    with pytest.raises(ModelError, match="install"):
        Vocabulary.read(path)

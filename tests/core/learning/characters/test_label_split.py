import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.learning.characters.label_split import split_labels, split_parts

NAMES = np.repeat(np.arange(4), 6)
DRAWINGS = np.arange(24) // 2


@given(labels=st.integers(1, 2), seed=st.integers(0, 100))
def test_no_drawing_is_on_both_sides_of_a_split(labels: int, seed: int) -> None:
    known, queries = split_labels(NAMES, DRAWINGS, labels, np.random.default_rng(seed))
    assert np.bincount(NAMES[known]).tolist() == [labels] * 4
    assert len(set(DRAWINGS[known].tolist())) == len(known)
    assert not set(DRAWINGS[known].tolist()) & set(DRAWINGS[queries].tolist())
    assert len(queries) == 4 * (6 - 2 * labels)


def test_one_drawing_of_two_names_bars_only_its_own_faces() -> None:
    known, queries = split_labels(
        np.array([0, 0, 1, 1]), np.array([5, 6, 5, 6]), 1, np.random.default_rng(0)
    )
    assert len(known) == len(queries) == 2


def test_split_refuses_names_with_too_few_drawings() -> None:
    with pytest.raises(ValueError, match="3 drawings, too few for 3"):
        split_labels(NAMES, DRAWINGS, 3, np.random.default_rng(0))


@given(drawings=st.integers(1, 200), seed=st.integers(0, 100))
def test_parts_keep_drawings_together_in_their_shares(drawings: int, seed: int) -> None:
    numbers = np.repeat(np.arange(drawings), 2)
    parts = split_parts(numbers, np.random.default_rng(seed))
    assert (parts[::2] == parts[1::2]).all()
    counts = np.bincount(parts[::2], minlength=3)
    assert np.abs(counts - np.array([0.8, 0.1, 0.1]) * drawings).max() <= 1

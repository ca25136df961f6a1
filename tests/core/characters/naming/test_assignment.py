from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.characters.naming.assignment import assign_names


def find_best_gain(gains: np.ndarray, unknown: np.ndarray) -> float:
    """Return the largest sum of gains, by trying all assignments."""
    faces, names = gains.shape
    best = -np.inf
    for choice in product(range(-1, names), repeat=faces):
        named = [name for name in choice if name >= 0]
        if len(named) == len(set(named)):
            best = max(best, add_gains(gains, unknown, np.array(choice)))
    return float(best)


def add_gains(gains: np.ndarray, unknown: np.ndarray, choice: np.ndarray) -> float:
    return float(sum(unknown[i] if k < 0 else gains[i, k] for i, k in enumerate(choice)))


@given(
    faces=st.integers(0, 4),
    names=st.integers(0, 5),
    seed=st.integers(0, 10_000),
    barred=st.floats(0, 1),
    ties=st.booleans(),
)
def test_assignment_is_the_best_of_all(
    faces: int, names: int, seed: int, barred: float, ties: bool
) -> None:
    rng = np.random.default_rng(seed)
    gains = rng.normal(0, 3, (faces, names))
    if ties:
        gains = np.round(gains)
    gains[rng.random(gains.shape) < barred] = -np.inf
    unknown = rng.normal(-1, 3, faces)
    given_names = assign_names(gains, unknown)
    named = given_names[given_names >= 0]
    assert len(named) == len(set(named.tolist()))
    assert all(np.isfinite(gains[i, k]) for i, k in enumerate(given_names) if k >= 0)
    assert np.isclose(add_gains(gains, unknown, given_names), find_best_gain(gains, unknown))


def test_many_faces_of_one_name_leave_it_to_the_likeliest() -> None:
    gains = np.log(np.array([[0.6], [0.9], [0.7]]))
    assert assign_names(gains, np.log(np.full(3, 0.1))).tolist() == [-1, 0, -1]

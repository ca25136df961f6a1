from itertools import pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.tagger.viterbi import Chain, compute_marginals, decode


def _draw(seed: int, steps: int, classes: int) -> tuple[NDArray[np.float32], Chain]:
    rng = np.random.default_rng(seed)
    draws = [rng.normal(0, 2, shape) for shape in ((classes, classes), classes, classes)]
    chain = Chain(*(each.astype(np.float32) for each in draws))
    return rng.normal(0, 2, (steps, classes)).astype(np.float32), chain


def _score(path: tuple[int, ...], emissions: NDArray[np.float32], chain: Chain) -> float:
    own = sum(float(emissions[step, kind]) for step, kind in enumerate(path))
    between = sum(float(chain.transitions[a, b]) for a, b in pairwise(path))
    return own + between + float(chain.first[path[0]] + chain.last[path[-1]])


@pytest.mark.parametrize("seed", range(8))
def test_the_best_of_all_sequences_is_found(seed: int) -> None:
    emissions, chain = _draw(seed, steps=6, classes=3)
    best = max(product(range(3), repeat=6), key=lambda path: _score(path, emissions, chain))
    assert decode(emissions, chain).tolist() == list(best)


@pytest.mark.parametrize("seed", range(4))
def test_marginals_are_those_of_all_sequences(seed: int) -> None:
    emissions, chain = _draw(seed, steps=5, classes=3)
    expected = np.zeros((5, 3))
    for path in product(range(3), repeat=5):
        weight = np.exp(_score(path, emissions, chain))
        for step, kind in enumerate(path):
            expected[step, kind] += weight
    expected /= expected.sum(1, keepdims=True)
    np.testing.assert_allclose(compute_marginals(emissions, chain), expected, atol=1e-6)


def test_transitions_bridge_a_second_that_says_otherwise() -> None:
    emissions = np.zeros((9, 2), np.float32)
    emissions[:, 1] = 1
    emissions[4] = (1.5, 0)
    stays = np.array([[2, -2], [-2, 2]], np.float32)
    assert decode(emissions, Chain(stays, *np.zeros((2, 2), np.float32))).tolist() == [1] * 9


def test_one_step_and_none_are_sequences() -> None:
    emissions, chain = _draw(0, steps=1, classes=3)
    assert decode(emissions, chain).tolist() == [
        int((emissions[0] + chain.first + chain.last).argmax())
    ]
    assert decode(emissions[:0], chain).shape == (0,)
    assert compute_marginals(emissions[:0], chain).shape == (0, 3)

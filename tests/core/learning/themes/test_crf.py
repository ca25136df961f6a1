from itertools import pairwise, product

import pytest
import torch
from torch import Tensor

from whenanime_pipeline.core.learning.themes.crf import ChainField

_CLASSES = 3


def _draw(seed: int) -> ChainField:
    torch.manual_seed(seed)
    field = ChainField(_CLASSES)
    for each in field.parameters():
        torch.nn.init.normal_(each)
    return field


def _score(field: ChainField, emissions: Tensor, path: tuple[int, ...]) -> Tensor:
    total = field.first[path[0]] + field.last[path[-1]]
    for step, kind in enumerate(path):
        total = total + emissions[step, kind]
    for before, after in pairwise(path):
        total = total + field.transitions[before, after]
    return total


@pytest.mark.parametrize("steps", [1, 2, 3, 6, 7])
def test_the_likelihood_is_that_of_brute_force(steps: int) -> None:
    field, emissions = _draw(steps), torch.randn(1, steps, _CLASSES)
    paths = list(product(range(_CLASSES), repeat=steps))
    scores = torch.stack([_score(field, emissions[0], path) for path in paths])
    expected = scores - scores.logsumexp(0)
    known = torch.ones(1, steps, dtype=torch.bool)
    for number in range(0, len(paths), 7):
        labels = torch.tensor([paths[number]])
        found = field.log_likelihood(emissions, labels, known)
        torch.testing.assert_close(found[0], expected[number], atol=1e-4, rtol=1e-4)


def test_unknown_steps_at_the_end_count_for_nothing() -> None:
    field, emissions = _draw(0), torch.randn(2, 8, _CLASSES)
    labels = torch.randint(0, _CLASSES, (2, 8))
    known = torch.arange(8) < torch.tensor([[5], [8]])
    together = field.log_likelihood(emissions, labels, known)
    for row, length in enumerate((5, 8)):
        part = slice(row, row + 1), slice(0, length)
        alone = field.log_likelihood(emissions[part], labels[part], known[part])
        torch.testing.assert_close(together[row], alone[0], atol=1e-4, rtol=1e-4)


def test_gradients_lead_to_the_labels() -> None:
    field = ChainField(_CLASSES)
    emissions = torch.zeros(1, 12, _CLASSES, requires_grad=True)
    labels = torch.tensor([[0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 0, 0]])
    known = torch.ones(1, 12, dtype=torch.bool)
    optimizer = torch.optim.SGD([emissions], lr=1.0)
    before = float(field.log_likelihood(emissions, labels, known).detach())
    for _ in range(30):
        optimizer.zero_grad()
        (-field.log_likelihood(emissions, labels, known).sum()).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert torch.isfinite(emissions).all()
    assert emissions.argmax(2).tolist() == labels.tolist()
    assert float(field.log_likelihood(emissions, labels, known).detach()) > before + 5

import math

import pytest
import torch
from torch.nn import functional

from whenanime_pipeline.core.learning.characters.contrastive_loss import (
    supervised_contrastive_loss,
)


def unit(*rows: list[float]) -> torch.Tensor:
    return functional.normalize(torch.tensor(rows), dim=1)


def test_loss_equals_its_formula() -> None:
    vectors = unit([1.0, 0.2, 0.0], [0.9, 0.0, 0.3], [0.0, 1.0, 0.1], [0.4, 0.3, 1.0])
    names = [7, 7, 7, 3]
    expected = []
    for i in range(3):
        logits = [float(vectors[i] @ vectors[j]) / 0.2 for j in range(4)]
        total = math.log(sum(math.exp(logits[j]) for j in range(4) if j != i))
        own = [logits[j] - total for j in range(3) if j != i]
        expected.append(-sum(own) / len(own))
    loss = supervised_contrastive_loss(vectors, torch.tensor(names), temperature=0.2)
    assert float(loss) == pytest.approx(sum(expected) / 3, rel=1e-5)


def test_loss_is_lowest_where_names_are_apart() -> None:
    names = torch.tensor([0, 0, 1, 1])
    apart = unit([1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, 0.0])
    mixed = apart[[0, 2, 1, 3]]
    assert supervised_contrastive_loss(apart, names) < supervised_contrastive_loss(mixed, names)


def test_names_of_one_face_have_no_loss_but_a_gradient() -> None:
    vectors = unit([1.0, 0.0], [0.0, 1.0]).requires_grad_()
    loss = supervised_contrastive_loss(vectors, torch.tensor([0, 1]))
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss) == 0
    assert vectors.grad is not None
    assert bool(vectors.grad.isfinite().all())

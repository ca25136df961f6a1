import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from whenanime_pipeline.core.learning.training.cross_batch_memory import (
    CrossBatchMemory,
    make_duplicate_cues,
)
from whenanime_pipeline.core.learning.training.loss import compute_false_negative_mask

seeds = st.integers(0, 10_000)
CPU = torch.device("cpu")


def _pictures(seed: int, count: int) -> Tensor:
    """Thumbnails of noise; of the same seed, the first ones are always the same."""
    return torch.stack(
        [
            torch.randint(0, 256, (36, 64), generator=torch.manual_seed(seed * 100 + number))
            for number in range(count)
        ]
    )


def _vectors(low: int, high: int) -> Tensor:
    return torch.arange(low, high).float().view(-1, 1).expand(-1, 3)


def _both(low: int, high: int) -> tuple[Tensor, Tensor]:
    return _vectors(low, high), -_vectors(low, high)


@given(st.integers(1, 12), st.lists(st.integers(1, 6), max_size=6))
def test_the_last_pictures_are_kept_and_no_more(size: int, batches: list[int]) -> None:
    memory, seen = CrossBatchMemory(size), 0
    for count in batches:
        memory.add(*_both(seen, seen + count), make_duplicate_cues(_pictures(seen, count)))
        seen += count
    found = memory.get_extra_negatives(make_duplicate_cues(_pictures(0, 2)))
    if found is None:
        assert seen == 0
        return
    vectors = found.first
    assert found.false_negative_mask.shape == (2, len(vectors)) == (2, min(size, seen))
    assert torch.equal(found.second, -vectors)
    newest = batches[-1]
    assert set(vectors[:newest, 0].tolist()) <= set(range(seen - newest, seen))
    assert len(set(vectors[:, 0].tolist())) == len(vectors)


def test_memory_of_size_0_stores_nothing() -> None:
    memory = CrossBatchMemory(0)
    memory.add(*_both(0, 3), make_duplicate_cues(_pictures(0, 3)))
    assert memory.get_extra_negatives(make_duplicate_cues(_pictures(0, 3))) is None
    assert memory.state_dict() is None


def test_the_memory_is_detached_from_gradients_and_later_changes() -> None:
    memory, vectors = CrossBatchMemory(8), _vectors(1, 4).clone().requires_grad_()
    memory.add(vectors, vectors, make_duplicate_cues(_pictures(0, 3)))
    with torch.no_grad():
        vectors.zero_()
    found = memory.get_extra_negatives(make_duplicate_cues(_pictures(0, 1)))
    assert found is not None
    assert not found.first.requires_grad
    assert found.first[:, 0].tolist() == found.second[:, 0].tolist() == [1, 2, 3]


@given(seeds, st.integers(-4, 4))
def test_no_picture_that_looks_the_same_is_a_negative(seed: int, change: int) -> None:
    kept = _pictures(seed, 4)
    memory = CrossBatchMemory(9)
    memory.add(*_both(0, 4), make_duplicate_cues(kept))
    asking = (kept + change).clamp(0, 255)
    found = memory.get_extra_negatives(make_duplicate_cues(asking))
    assert found is not None
    both = torch.cat([asking, kept])
    same = compute_false_negative_mask(both)[:4, 4:]
    assert (found.false_negative_mask | ~same).all()
    assert not (found.false_negative_mask & ~torch.eye(4, dtype=torch.bool)).any()


@pytest.mark.parametrize(
    ("film", "second", "near"),
    [(5, 11.9, True), (5, 12.1, False), (6, 10.0, False), (-1, 10.0, False)],
)
def test_close_frames_of_one_film_are_not_negatives(
    film: int,
    second: float,
    near: bool,
) -> None:
    memory = CrossBatchMemory(4)
    known = 5 if film >= 0 else -1
    memory.add(
        *_both(0, 1),
        make_duplicate_cues(_pictures(1, 1), torch.tensor([known]), torch.tensor([10.0])),
    )
    asking = make_duplicate_cues(_pictures(2, 1), torch.tensor([film]), torch.tensor([second]))
    found = memory.get_extra_negatives(asking)
    assert found is not None
    assert found.false_negative_mask.item() is near


def test_saved_memory_is_restored() -> None:
    memory, other = CrossBatchMemory(5), CrossBatchMemory(5)
    films, seconds = torch.tensor([1, 1, 2]), torch.tensor([0.0, 9.0, 1.0])
    memory.add(*_both(0, 3), make_duplicate_cues(_pictures(3, 3), films, seconds))
    other.load_state_dict(memory.state_dict(), CPU)
    for one in (memory, other):
        one.add(*_both(3, 6), make_duplicate_cues(_pictures(4, 3), films, seconds))
    asking = make_duplicate_cues(_pictures(3, 2), torch.tensor([2, 1]), torch.tensor([0.0, 8.0]))
    first, second = memory.get_extra_negatives(asking), other.get_extra_negatives(asking)
    assert first is not None
    assert second is not None
    assert torch.equal(first.first, second.first)
    assert torch.equal(first.second, second.second)
    assert torch.equal(first.false_negative_mask, second.false_negative_mask)
    other.load_state_dict(None, CPU)
    assert other.get_extra_negatives(asking) is None

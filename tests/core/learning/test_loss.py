import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from whenanime_pipeline.core.learning.training.loss import (
    ExtraNegatives,
    compute_false_negative_mask,
    info_nce,
    koleo_loss,
)

seeds = st.integers(0, 10_000)


def _vectors(seed: int, count: int = 6) -> torch.Tensor:
    return functional.normalize(torch.randn(count, 8, generator=torch.manual_seed(seed)), dim=1)


def _nothing(count: int = 6) -> torch.Tensor:
    return torch.zeros(count, count, dtype=torch.bool)


@given(seeds, st.floats(0.5, 60))
def test_the_mask_is_symmetric_and_never_hides_a_picture_from_itself(
    seed: int, threshold: float
) -> None:
    pictures = torch.randint(0, 256, (7, 4, 4), generator=torch.manual_seed(seed))
    pictures[3] = pictures[5]
    mask = compute_false_negative_mask(pictures, threshold=threshold)
    assert torch.equal(mask, mask.T)
    assert not mask.diagonal().any()
    assert mask[3, 5]


def test_the_mask_counts_gray_levels() -> None:
    pictures = torch.stack([torch.full((3, 3), level) for level in (10, 11, 13, 90)])
    expected = [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert compute_false_negative_mask(pictures, threshold=2.0).int().tolist() == expected


@given(seeds)
def test_a_masked_pair_does_not_change_the_loss(seed: int) -> None:
    first, second = _vectors(seed), _vectors(seed + 1)
    mask = _nothing()
    mask[0, 1] = mask[1, 0] = True
    without = first.clone(), second.clone()
    without[0][0] = first[0]
    loss = info_nce(first, second, mask)
    # Row 0 sees column 1 and row 1 sees column 0 no longer: swapping those negatives is unseen.
    logits = first @ second.T / 0.05
    logits[0, 1] = logits[1, 0] = -torch.inf
    there = -logits.log_softmax(1).diagonal().mean()
    back = -logits.log_softmax(0).diagonal().mean()
    torch.testing.assert_close(loss, (there + back) / 2)
    assert loss <= info_nce(first, second, _nothing()) + 1e-6


@given(seeds)
def test_the_loss_does_not_care_about_the_order_or_the_side(seed: int) -> None:
    first, second = _vectors(seed), _vectors(seed + 1)
    order = torch.randperm(6, generator=torch.manual_seed(seed))
    loss = info_nce(first, second, _nothing())
    torch.testing.assert_close(loss, info_nce(second, first, _nothing()))
    torch.testing.assert_close(loss, info_nce(first[order], second[order], _nothing()))


@given(seeds)
def test_matching_pairs_lose_less_than_mismatched_ones(seed: int) -> None:
    vectors = _vectors(seed)
    assert info_nce(vectors, vectors, _nothing()) < info_nce(
        vectors, vectors.roll(1, 0), _nothing()
    )


def test_spread_falls_as_vectors_part_and_stays_finite_where_they_meet() -> None:
    close = functional.normalize(torch.ones(4, 8) + 0.1 * _vectors(1, 4), dim=1)
    assert koleo_loss(torch.eye(8)[:4], _nothing(4)) < koleo_loss(close, _nothing(4))
    equal = torch.eye(8)[:1].repeat(4, 1).requires_grad_()
    koleo_loss(equal, _nothing(4)).backward()  # type: ignore[no-untyped-call]
    assert equal.grad is not None
    assert equal.grad.isfinite().all()


def test_spread_overlooks_masked_pairs() -> None:
    vectors = torch.eye(8)[[0, 0, 1, 1]]
    mask = _nothing(4)
    mask[0, 1] = mask[1, 0] = mask[2, 3] = mask[3, 2] = True
    torch.testing.assert_close(koleo_loss(vectors, mask), koleo_loss(torch.eye(8)[:4], _nothing(4)))


@given(seeds, st.integers(1, 9))
def test_further_negatives_count_as_those_of_the_batch_do(seed: int, count: int) -> None:
    first, second = _vectors(seed), _vectors(seed + 1)
    others = ExtraNegatives(
        _vectors(seed + 2, count), _vectors(seed + 3, count), torch.zeros(6, count).bool()
    )
    loss = info_nce(first, second, _nothing(), extra_negatives=others)
    # Views of one kind ask for those of the other kind alone.
    there = torch.cat([first @ second.T, first @ others.second.T], 1) / 0.05
    back = torch.cat([second @ first.T, second @ others.first.T], 1) / 0.05
    expected = -sum(side.log_softmax(1).diagonal().mean() for side in (there, back)) / 2
    torch.testing.assert_close(loss, torch.as_tensor(expected))
    assert loss > info_nce(first, second, _nothing())


@given(seeds, st.integers(1, 9))
def test_empty_extra_negatives_do_not_change_the_loss(seed: int, count: int) -> None:
    first, second = _vectors(seed), _vectors(seed + 1)
    others = _vectors(seed + 2, count)
    further = ExtraNegatives(others, others, torch.ones(6, count).bool())
    torch.testing.assert_close(
        info_nce(first, second, _nothing(), extra_negatives=further),
        info_nce(first, second, _nothing()),
    )

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from painted_frames import paint_films
from training_material import make_painted_data, tiny_recipe

from whenanime_pipeline.core.learning.training.batches import Batch, GroupBatches, PairBatches
from whenanime_pipeline.core.learning.training.query_views import make_shuffled_query_view
from whenanime_pipeline.core.learning.training_data import TrainingData

CPU = torch.device("cpu")


def _numbered(count: int, side: int = 8) -> TrainingData:
    """Pictures that differ in gray level."""
    pictures = np.empty((count, side, side, 3), np.uint8)
    pictures[:] = np.arange(count).reshape(-1, 1, 1, 1) * 3
    thumbnails = np.ascontiguousarray(pictures[:, :1, :, 0])
    black = (0.0, 0.0, 0.0)
    return TrainingData(
        "numbered", pictures, thumbnails, pictures, pictures, black, (1.0, 1.0, 1.0)
    )


def _seen(batch: Batch) -> list[int]:
    return (batch.reference_views[:, 0, 0, 0] * 255 / 3).round().int().tolist()


@given(st.integers(2, 70), st.integers(2, 20), st.integers(0, 5))
def test_an_epoch_shows_every_picture_once_and_no_batch_is_of_one(
    count: int, size: int, epoch: int
) -> None:
    recipe = tiny_recipe(
        "seed", batch_size=size, network=replace(tiny_recipe("seed").network, size=8)
    )
    batches = PairBatches(_numbered(count), recipe)
    parts = [_seen(batches.batch(epoch, step, CPU)) for step in range(batches.steps)]
    assert sorted(chain.from_iterable(parts)) == list(range(count))
    assert min(map(len, parts)) >= 2
    assert max(map(len, parts)) <= size + 1


def test_a_last_batch_of_one_joins_the_one_before() -> None:
    batches = PairBatches(_numbered(17), tiny_recipe("seed", batch_size=8))
    assert [len(batches.batch(0, step, CPU).reference_views) for step in range(batches.steps)] == [
        8,
        9,
    ]


@pytest.mark.parametrize("name", ["ours", "seed"])
def test_a_batch_depends_only_on_epoch_and_step(name: str) -> None:
    batches, others = (PairBatches(make_painted_data(), tiny_recipe(name)) for _ in range(2))
    late = [batches.batch(epoch, step, CPU) for epoch, step in ((1, 2), (0, 1), (1, 1))]
    early = [others.batch(epoch, step, CPU) for epoch, step in ((1, 1), (0, 1), (1, 2))]
    for one, other in zip(late, reversed(early), strict=True):
        assert torch.equal(one.reference_views, other.reference_views)
        assert torch.equal(one.query_views, other.query_views)
    assert not torch.equal(late[0].query_views, late[1].query_views)
    reseeded = PairBatches(make_painted_data(), tiny_recipe(name, seed=1)).batch(0, 1, CPU)
    assert not torch.equal(reseeded.reference_views, late[1].reference_views)


@pytest.mark.parametrize("views", ["seed", "screenshot", "both"])
def test_views_have_the_networks_input_shape(views: str) -> None:
    material = make_painted_data(70, 2)
    batch = PairBatches(material, tiny_recipe(views=views, batch_size=70)).batch(0, 0, CPU)
    for view in (batch.reference_views, batch.query_views):
        assert view.shape == (70, 3, 32, 32)
        assert view.is_contiguous(memory_format=torch.channels_last)
        assert view.min() >= -1e-5
        assert view.max() <= 1 + 1e-5
    # The first view is the picture, the second is of the same one.
    apart = (batch.reference_views.mean((2, 3))[:, None] - batch.query_views.mean((2, 3))).norm(
        dim=2
    )
    assert apart.diagonal().mean() < apart.mean() * 0.7


def test_pictures_that_look_the_same_are_marked_when_asked_for() -> None:
    material = make_painted_data(6, 2)
    material.thumbnails[3] = material.thumbnails[1]
    ours = PairBatches(material, tiny_recipe(batch_size=6)).batch(0, 0, CPU).false_negative_mask
    assert ours.sum() == 2
    assert torch.equal(ours, ours.T)
    assert (
        not PairBatches(material, tiny_recipe("seed", batch_size=6))
        .batch(0, 0, CPU)
        .false_negative_mask.any()
    )


def test_crops_respect_the_original_aspect_ratio() -> None:
    """A square of a tall frame is as wide as the frame, a square of a wide one as high."""
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, None, :, None], (64, 256, 256, 3))
    material = replace(make_painted_data(64, 2), pictures=ramp)
    spans = []
    for aspect in (4.0, 0.25):
        aspects = np.full(64, aspect, np.float32)
        recipe = tiny_recipe("seed", batch_size=64)
        batch = PairBatches(replace(material, aspects=aspects), recipe).batch(0, 0, CPU)
        row = batch.query_views[:, :, 16, :].mean(1)
        spans.append((row.amax(1) - row.amin(1)).mean().item())
    assert spans[0] < 0.45 < 0.7 < spans[1]


def test_groups_are_of_films_and_depend_on_their_place_alone() -> None:
    frames = paint_films(4)
    recipe = tiny_recipe(network=replace(tiny_recipe().network, size=64), batch_size=12)
    first, again = (GroupBatches(frames, recipe, steps=5, members=3) for _ in range(2))
    batch = first.batch(2, 3, CPU)
    assert len(batch.reference_views) == 12
    assert torch.equal(batch.query_views, again.batch(2, 3, CPU).query_views)
    assert first.id == again.id != GroupBatches(paint_films(5), recipe, steps=5, members=3).id


@pytest.mark.parametrize("views", ["seed", "screenshot", "both"])
def test_every_view_is_of_the_picture_in_its_place(views: str) -> None:
    recipe = tiny_recipe(views=views, mild=1.0)
    planes = torch.rand(60, 3, 1, 1, generator=torch.manual_seed(2)).expand(60, 3, 48, 48)
    changed = make_shuffled_query_view(planes, torch.manual_seed(3), recipe=recipe, size=32)
    assert changed.shape == (60, 3, 32, 32)
    apart = (planes.mean((2, 3))[:, None] - changed.mean((2, 3))).norm(dim=2)
    assert apart.diagonal().mean() < apart.mean() * 0.7
    assert (apart.argmin(1) == torch.arange(60)).float().mean() > 0.2

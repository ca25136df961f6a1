from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from painted_frames import painted_films
from training_material import painted_material, tiny

from whenanime_pipeline.core.learning.material import Material
from whenanime_pipeline.core.learning.training.batches import Batch, GroupBatches, PairBatches
from whenanime_pipeline.core.learning.training.views import recipe_view

CPU = torch.device("cpu")


def _numbered(count: int, side: int = 8) -> Material:
    """Pictures that are told apart by their gray level."""
    pictures = np.empty((count, side, side, 3), np.uint8)
    pictures[:] = np.arange(count).reshape(-1, 1, 1, 1) * 3
    thumbnails = np.ascontiguousarray(pictures[:, :1, :, 0])
    black = (0.0, 0.0, 0.0)
    return Material("numbered", pictures, thumbnails, pictures, pictures, black, (1.0, 1.0, 1.0))


def _seen(batch: Batch) -> list[int]:
    return (batch.first[:, 0, 0, 0] * 255 / 3).round().int().tolist()


@given(st.integers(2, 70), st.integers(2, 20), st.integers(0, 5))
def test_an_epoch_shows_every_picture_once_and_no_batch_is_of_one(
    count: int, size: int, epoch: int
) -> None:
    recipe = tiny("seed", batch_size=size, network=replace(tiny("seed").network, size=8))
    batches = PairBatches(_numbered(count), recipe)
    parts = [_seen(batches.batch(epoch, step, CPU)) for step in range(batches.steps)]
    assert sorted(chain.from_iterable(parts)) == list(range(count))
    assert min(map(len, parts)) >= 2
    assert max(map(len, parts)) <= size + 1


def test_a_last_batch_of_one_joins_the_one_before() -> None:
    batches = PairBatches(_numbered(17), tiny("seed", batch_size=8))
    assert [len(batches.batch(0, step, CPU).first) for step in range(batches.steps)] == [8, 9]


@pytest.mark.parametrize("name", ["ours", "seed"])
def test_a_batch_depends_on_its_place_alone(name: str) -> None:
    batches, others = (PairBatches(painted_material(), tiny(name)) for _ in range(2))
    late = [batches.batch(epoch, step, CPU) for epoch, step in ((1, 2), (0, 1), (1, 1))]
    early = [others.batch(epoch, step, CPU) for epoch, step in ((1, 1), (0, 1), (1, 2))]
    for one, other in zip(late, reversed(early), strict=True):
        assert torch.equal(one.first, other.first)
        assert torch.equal(one.second, other.second)
    assert not torch.equal(late[0].second, late[1].second)
    reseeded = PairBatches(painted_material(), tiny(name, seed=1)).batch(0, 1, CPU)
    assert not torch.equal(reseeded.first, late[1].first)


@pytest.mark.parametrize("views", ["seed", "screenshot", "both"])
def test_views_are_what_a_network_takes(views: str) -> None:
    material = painted_material(70, 2)
    batch = PairBatches(material, tiny(views=views, batch_size=70)).batch(0, 0, CPU)
    for view in (batch.first, batch.second):
        assert view.shape == (70, 3, 32, 32)
        assert view.is_contiguous(memory_format=torch.channels_last)
        assert view.min() >= -1e-5
        assert view.max() <= 1 + 1e-5
    # The first view is the picture, the second is of the same one.
    apart = (batch.first.mean((2, 3))[:, None] - batch.second.mean((2, 3))).norm(dim=2)
    assert apart.diagonal().mean() < apart.mean() * 0.7


def test_pictures_that_look_the_same_are_marked_when_asked_for() -> None:
    material = painted_material(6, 2)
    material.thumbnails[3] = material.thumbnails[1]
    ours = PairBatches(material, tiny(batch_size=6)).batch(0, 0, CPU).alike
    assert ours.sum() == 2
    assert torch.equal(ours, ours.T)
    assert not PairBatches(material, tiny("seed", batch_size=6)).batch(0, 0, CPU).alike.any()


def test_crops_know_what_shape_a_frame_had() -> None:
    """A square of a tall frame is as wide as the frame, a square of a wide one as high."""
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, None, :, None], (64, 256, 256, 3))
    material = replace(painted_material(64, 2), pictures=ramp)
    spans = []
    for aspect in (4.0, 0.25):
        aspects = np.full(64, aspect, np.float32)
        recipe = tiny("seed", batch_size=64)
        batch = PairBatches(replace(material, aspects=aspects), recipe).batch(0, 0, CPU)
        row = batch.second[:, :, 16, :].mean(1)
        spans.append((row.amax(1) - row.amin(1)).mean().item())
    assert spans[0] < 0.45 < 0.7 < spans[1]


def test_groups_are_of_films_and_depend_on_their_place_alone() -> None:
    frames = painted_films(4)
    recipe = tiny(network=replace(tiny().network, size=64), batch_size=12)
    first, again = (GroupBatches(frames, recipe, steps=5, members=3) for _ in range(2))
    batch = first.batch(2, 3, CPU)
    assert len(batch.first) == 12
    assert torch.equal(batch.second, again.batch(2, 3, CPU).second)
    assert first.id == again.id != GroupBatches(painted_films(5), recipe, steps=5, members=3).id


@pytest.mark.parametrize("views", ["seed", "screenshot", "both"])
def test_every_view_is_of_the_picture_in_its_place(views: str) -> None:
    recipe = tiny(views=views, mild=1.0)
    planes = torch.rand(60, 3, 1, 1, generator=torch.manual_seed(2)).expand(60, 3, 48, 48)
    changed = recipe_view(planes, torch.manual_seed(3), recipe=recipe, size=32)
    assert changed.shape == (60, 3, 32, 32)
    apart = (planes.mean((2, 3))[:, None] - changed.mean((2, 3))).norm(dim=2)
    assert apart.diagonal().mean() < apart.mean() * 0.7
    assert (apart.argmin(1) == torch.arange(60)).float().mean() > 0.2

"""Feeding and training as `whenanime train` does, for some steps, with the loader watched."""

from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil

import torch

from benchmarks.support.clock import Cost, measured
from benchmarks.support.room import BenchmarkError
from benchmarks.support.steps import Plan, Stretch, Watch
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.decoded import load_material
from whenanime_pipeline.core.learning.network.initial import initial_network
from whenanime_pipeline.core.learning.training.batches import Batch, Batches, PairBatches
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe, recipe
from whenanime_pipeline.core.learning.training.train import train


@dataclass(frozen=True, slots=True)
class Decoding:
    """What it takes to decode a dataset, which is done once for all epochs and trainings.

    Attributes:
        cost: of it.
        pictures: decoded.
    """

    cost: Cost
    pictures: int


def decode_once(home: Home, plan: Plan) -> Decoding:
    """Decode a dataset for a training. To be called in a fresh process, and before the training."""
    with measured() as cost:
        material = load_material(home, side=_recipe(plan).side)
    return Decoding(cost, len(material.pictures) + len(material.originals) + len(material.views))


def train_our_way(home: Home, plan: Plan) -> Stretch:
    """Train by the seed's recipe from random weights. To be called in a fresh process.

    Args:
        home: with a dataset.
        plan: the steps.

    Raises:
        BenchmarkError: the dataset holds less than one batch.
    """
    chosen = _recipe(plan)
    material = load_material(home, side=chosen.side)
    full = len(material.pictures) // plan.batch
    if not full:
        raise BenchmarkError(
            f"{len(material.pictures)} training pictures are no batch of {plan.batch}; "
            "take more frames of each film"
        )
    # Whole batches only, as the seed's way gets them.
    material = replace(material, pictures=material.pictures[: full * plan.batch])
    chosen = replace(chosen, epochs=ceil(plan.all_steps / full))
    network = initial_network(chosen, material).network
    watch = Watch(plan)

    def stop_after_the_last(_: Progress) -> None:
        if watch.step_done():
            raise _EnoughError

    with suppress(_EnoughError):
        train(
            network,
            _Watched(PairBatches(material, chosen), watch),
            chosen,
            on_progress=stop_after_the_last,
        )
    assert watch.stretch is not None
    return watch.stretch


class _EnoughError(Exception):
    """All steps of the plan are done."""


class _Watched:
    """Batches of which it is watched how long they take."""

    def __init__(self, batches: Batches, watch: Watch) -> None:
        self._batches, self._watch = batches, watch
        self.id, self.steps = batches.id, batches.steps

    def batch(self, epoch: int, step: int, device: torch.device) -> Batch:
        """Return a batch; see `Batches`."""
        with self._watch.loading():
            return self._batches.batch(epoch, step, device)


def _recipe(plan: Plan) -> Recipe:
    return recipe("seed", backbone=plan.backbone, size=plan.size, batch_size=plan.batch)

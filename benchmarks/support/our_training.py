"""Feeding and training as `whenanime train` does, for some steps, with the loader watched."""

from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil

import torch

from benchmarks.support.context import BenchmarkError
from benchmarks.support.cost import Cost, measure_cost
from benchmarks.support.step_timing import StepPlan, StepTimer, TimedSteps
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.loading import load_training_data
from whenanime_pipeline.core.learning.network.initial_weights import build_initial_network
from whenanime_pipeline.core.learning.training.batches import Batch, Batches, PairBatches
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe, build_recipe
from whenanime_pipeline.core.learning.training.train import train


@dataclass(frozen=True, slots=True)
class DecodingCost:
    """What it takes to decode a dataset, which is done once for all epochs and trainings.

    Attributes:
        cost: of it.
        pictures: decoded.
    """

    cost: Cost
    pictures: int


def time_decoding(home: Home, plan: StepPlan) -> DecodingCost:
    """Decode a dataset for a training. To be called in a fresh process, and before the training."""
    with measure_cost() as cost:
        material = load_training_data(home, side=_recipe(plan).picture_side)
    return DecodingCost(
        cost, len(material.pictures) + len(material.originals) + len(material.views)
    )


def time_our_training(home: Home, plan: StepPlan) -> TimedSteps:
    """Train by the seed's recipe from random weights. To be called in a fresh process.

    Args:
        home: with a dataset.
        plan: the steps.

    Raises:
        BenchmarkError: the dataset holds less than one batch.
    """
    chosen = _recipe(plan)
    material = load_training_data(home, side=chosen.picture_side)
    full = len(material.pictures) // plan.batch
    if not full:
        raise BenchmarkError(
            f"{len(material.pictures)} training pictures are no batch of {plan.batch}; "
            "take more frames of each film"
        )
    # Whole batches only, as the seed's way gets them.
    material = replace(material, pictures=material.pictures[: full * plan.batch])
    chosen = replace(chosen, epochs=ceil(plan.total_steps / full))
    network = build_initial_network(chosen, material).network
    watch = StepTimer(plan)

    def stop_after_the_last(_: Progress) -> None:
        if watch.count_step():
            raise _PlanDoneError

    with suppress(_PlanDoneError):
        train(
            network,
            _TimedBatches(PairBatches(material, chosen), watch),
            chosen,
            on_progress=stop_after_the_last,
        )
    assert watch.result is not None
    return watch.result


class _PlanDoneError(Exception):
    """All steps of the plan are done."""


class _TimedBatches:
    """Batches of which it is watched how long they take."""

    def __init__(self, batches: Batches, watch: StepTimer) -> None:
        self._batches, self._watch = batches, watch
        self.id, self.steps = batches.id, batches.steps

    def batch(self, epoch: int, step: int, device: torch.device) -> Batch:
        """Return a batch; see `Batches`."""
        with self._watch.time_loading():
            return self._batches.batch(epoch, step, device)


def _recipe(plan: StepPlan) -> Recipe:
    return build_recipe("seed", backbone=plan.backbone, size=plan.size, batch_size=plan.batch)

"""Times steps of a training as `whenanime train` does it, with its loading apart."""

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
    """Cost of decoding a dataset, which is done once for all epochs.

    Attributes:
        cost: cost of decoding.
        pictures: number of decoded pictures.
    """

    cost: Cost
    pictures: int


def time_decoding(home: Home, plan: StepPlan) -> DecodingCost:
    """Decode a dataset for a training; call it in a fresh process, before the training."""
    with measure_cost() as cost:
        data = load_training_data(home, side=_recipe(plan).picture_side)
    return DecodingCost(cost, len(data.pictures) + len(data.originals) + len(data.views))


def time_our_training(home: Home, plan: StepPlan) -> TimedSteps:
    """Train by the seed's recipe from random weights; call it in a fresh process.

    Args:
        home: home with a dataset.
        plan: steps to time.

    Raises:
        BenchmarkError: the dataset has less than one batch.
    """
    chosen = _recipe(plan)
    data = load_training_data(home, side=chosen.picture_side)
    full = len(data.pictures) // plan.batch
    if not full:
        raise BenchmarkError(
            f"{len(data.pictures)} training pictures are less than one batch of {plan.batch}; "
            "take more frames of each film"
        )
    # Whole batches only, like the seed's loader.
    data = replace(data, pictures=data.pictures[: full * plan.batch])
    chosen = replace(chosen, epochs=ceil(plan.total_steps / full))
    network = build_initial_network(chosen, data).network
    timer = StepTimer(plan)

    def stop_after_the_last(_: Progress) -> None:
        if timer.count_step():
            raise _PlanDoneError

    with suppress(_PlanDoneError):
        train(
            network,
            _TimedBatches(PairBatches(data, chosen), timer),
            chosen,
            on_progress=stop_after_the_last,
        )
    assert timer.result is not None
    return timer.result


class _PlanDoneError(Exception):
    """Ends the training after the last step of the plan."""


class _TimedBatches:
    """Batches whose loading is timed."""

    def __init__(self, batches: Batches, timer: StepTimer) -> None:
        self._batches, self._timer = batches, timer
        self.id, self.steps = batches.id, batches.steps

    def batch(self, epoch: int, step: int, device: torch.device) -> Batch:
        """Return a batch; see `Batches`."""
        with self._timer.time_loading():
            return self._batches.batch(epoch, step, device)


def _recipe(plan: StepPlan) -> Recipe:
    return build_recipe("seed", backbone=plan.backbone, size=plan.size, batch_size=plan.batch)

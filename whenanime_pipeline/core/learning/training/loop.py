"""The training loop: steps and epochs of one training."""

import math
import time

import torch
from torch import Tensor

from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.learning.network.devices import uses_bf16
from whenanime_pipeline.core.learning.training.batches import Batch, Batches
from whenanime_pipeline.core.learning.training.loss import info_nce, koleo_loss
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.schedule import compute_learning_rate
from whenanime_pipeline.core.learning.training.state import TrainingState


class TrainingLoop:
    """Steps and epochs of one training."""

    def __init__(
        self, state: TrainingState, batches: Batches, recipe: Recipe, *, minutes: float
    ) -> None:
        """Create a loop that continues from a state.

        Args:
            state: state of the training.
            batches: source of batches.
            recipe: recipe of the training.
            minutes: maximum duration.
        """
        self.device = next(state.network.parameters()).device
        self.bf16 = uses_bf16(recipe.precision, self.device)
        self.state, self.batches, self.recipe, self.minutes = state, batches, recipe, minutes

    @property
    def fraction_done(self) -> float:
        """Fraction of the training that is done, 0 to 1."""
        counts, steps = self.state.counts, self.recipe.epochs * self.batches.steps
        return min(1.0, max(counts.steps / steps, counts.seconds / (self.minutes * 60)))

    @property
    def is_epoch_over(self) -> bool:
        """Whether the current epoch has no more batches or no more time."""
        step = self.state.counts.step
        return step >= self.batches.steps or (step > 0 and self.fraction_done >= 1)

    @property
    def is_finished(self) -> bool:
        """Whether all epochs or the time are used up, or patience has run out."""
        counts, patience = self.state.counts, self.recipe.patience
        if counts.epoch >= self.recipe.epochs:
            return True
        if counts.step == 0 and counts.epoch and self.fraction_done >= 1:
            return True
        return (
            patience is not None
            and bool(self.state.rows)
            and counts.epoch - self.state.best_epoch >= patience
        )

    def step(self) -> Progress:
        """Take one optimisation step.

        Raises:
            TrainingError: the loss is not finite.
        """
        began = time.monotonic()
        counts, recipe = self.state.counts, self.recipe
        value, batch_size = self._train_step(
            compute_learning_rate(recipe, epoch=counts.epoch, fraction_done=self.fraction_done)
        )
        counts.step += 1
        counts.steps += 1
        counts.pictures += 2 * batch_size
        counts.lost += value * batch_size
        counts.learnt += batch_size
        counts.seconds += time.monotonic() - began
        return Progress(
            step=counts.steps,
            steps=recipe.epochs * self.batches.steps,
            epoch=counts.epoch + 1,
            epochs=recipe.epochs,
            fraction_done=self.fraction_done,
            loss=value,
            pictures=counts.pictures,
            seconds=counts.seconds,
        )

    def _train_step(self, learning_rate: float) -> tuple[float, int]:
        """Take one step, and return the loss and the number of pictures in the batch."""
        counts, network, optimizer = self.state.counts, self.state.network, self.state.optimizer
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
        network.train()
        batch = self.batches.batch(counts.epoch, counts.step, self.device)
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(self.recipe.seed + counts.steps)  # for dropout
            loss = self._loss(batch)
        value = loss.item()
        if not math.isfinite(value):
            raise self._divergence_error(f"the loss is {value}")
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        self.state.update_average()
        return value, len(batch.reference_views)

    def _loss(self, batch: Batch) -> Tensor:
        recipe = self.recipe
        views = torch.cat([batch.reference_views, batch.query_views]) * 255
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            vectors = self.state.network(views.permute(0, 2, 3, 1))
        first, second = vectors.float().chunk(2)
        loss = info_nce(
            first,
            second,
            batch.false_negative_mask,
            temperature=recipe.temperature,
            symmetric=recipe.symmetric,
            extra_negatives=self.state.memory.get_extra_negatives(batch.duplicate_cues),
        )
        self.state.memory.add(first, second, batch.duplicate_cues)
        if recipe.spread_weight:
            entropy = (
                koleo_loss(first, batch.false_negative_mask)
                + koleo_loss(second, batch.false_negative_mask)
            ) / 2
            loss = loss + recipe.spread_weight * entropy
        return loss

    def end_epoch(self) -> float:
        """End an epoch, and return its mean loss.

        Raises:
            TrainingError: a weight is not finite.
        """
        counts = self.state.counts
        for value in self.state.network.state_dict().values():
            if value.is_floating_point() and not value.isfinite().all():
                raise self._divergence_error("a weight is no longer a number")
        loss = counts.lost / counts.learnt
        counts.epoch += 1
        counts.step, counts.lost, counts.learnt = 0, 0.0, 0
        return loss

    def _divergence_error(self, what: str) -> TrainingError:
        """Return the error of a training that has diverged."""
        return TrainingError(
            f"{what}, at step {self.state.counts.steps + 1}: nothing can be learnt from here. "
            f"Train again with a lower learning rate than {self.recipe.learning_rate:g}"
        )

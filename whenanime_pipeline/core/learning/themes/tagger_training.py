"""Trains a tagger: seeded, resumable at any step, with the average of the weights kept."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import AdamW

from whenanime_pipeline.core.learning.errors import TrainingError, WeightsError
from whenanime_pipeline.core.learning.themes.tagger_batches import TaggerBatches
from whenanime_pipeline.core.learning.themes.tagger_loss import compute_loss
from whenanime_pipeline.core.learning.themes.tagger_network import TaggerEnsemble, TaggerOptions
from whenanime_pipeline.core.learning.training.checkpoint import (
    CHECKPOINT_FILE,
    STATE_MISMATCH_ERRORS,
    load_checkpoint,
    save_checkpoint,
)

_AVERAGING = 0.99
"""Of the moving average of the weights, which is what is kept."""


@dataclass(frozen=True, slots=True)
class TaggerRecipe:
    """How a tagger is trained.

    Attributes:
        network: its shape.
        steps: of each member.
        batch: crops a step.
        crop: seconds a crop.
        learning_rate: at its highest.
        weight_decay: of the optimiser.
        seed: of weights and batches.
    """

    network: TaggerOptions = field(default_factory=TaggerOptions)
    steps: int = 650
    batch: int = 8
    crop: int = 384
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TaggerProgress:
    """How far a training is: steps of all members, the last loss, and seconds so far."""

    step: int
    steps: int
    loss: float
    seconds: float


def train_tagger(
    batches: Callable[[int], TaggerBatches],
    recipe: TaggerRecipe,
    *,
    folder: Path | None = None,
    checkpoint_seconds: float = 60.0,
    on_progress: Callable[[TaggerProgress], None] = lambda _: None,
) -> TaggerEnsemble:
    """Train the members of a tagger one after the other.

    Args:
        batches: returns a member's source of batches by its number.
        recipe: of the training.
        folder: of the checkpoint; an existing one is resumed, with the same result.
        checkpoint_seconds: time between two checkpoints.
        on_progress: called after every step.

    Raises:
        TrainingError: there is nothing to learn from, or the loss is not finite.
        WeightsError: the checkpoint is damaged or belongs to another training.
        OSError: the folder cannot be written to; the last checkpoint is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        ensemble = TaggerEnsemble(recipe.network)
    sources = [batches(number) for number in range(recipe.network.members)]
    state = _TrainingState(ensemble, recipe, sources[0].id)
    saved = time.monotonic()
    if folder is not None:
        state.restore(folder / CHECKPOINT_FILE)
    while state.step < state.steps:
        began = time.monotonic()
        loss = state.take_step(sources)
        state.seconds += time.monotonic() - began
        on_progress(TaggerProgress(state.step, state.steps, loss, state.seconds))
        is_over = state.step == state.steps
        if folder is not None and (is_over or time.monotonic() - saved > checkpoint_seconds):
            save_checkpoint(folder / CHECKPOINT_FILE, state.state_dict())
            saved = time.monotonic()
    return ensemble.eval()


class _TrainingState:
    """All that changes in a training."""

    def __init__(self, ensemble: TaggerEnsemble, recipe: TaggerRecipe, data_id: str) -> None:
        self.ensemble, self.recipe = ensemble, recipe
        self.steps = recipe.steps * recipe.network.members
        self.step, self.seconds = 0, 0.0
        self._identity = {"recipe": recipe.to_json(), "data": data_id}
        self._begin_member()

    def _begin_member(self) -> None:
        member = self.ensemble.member(self.step // self.recipe.steps)
        self._member = member
        self._optimizer = AdamW(
            member.parameters(),
            lr=self.recipe.learning_rate,
            weight_decay=self.recipe.weight_decay,
        )
        self._average = {name: value.clone() for name, value in member.state_dict().items()}

    def take_step(self, sources: list[TaggerBatches]) -> float:
        """Take one step, and return its loss."""
        number, within = divmod(self.step, self.recipe.steps)
        for group in self._optimizer.param_groups:
            group["lr"] = self._compute_rate(within)
        self._member.train()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed + 1 + self.step)  # for dropout
            loss = compute_loss(self._member, sources[number].batch(within))
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingError(
                f"the loss is {value} at step {self.step + 1}: train again with a lower learning "
                f"rate than {self.recipe.learning_rate:g}"
            )
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._member.parameters(), 1.0)
        self._optimizer.step()
        self._update_average(within)
        self.step += 1
        if within + 1 == self.recipe.steps:
            self._member.load_state_dict(self._average)
            if self.step < self.steps:
                self._begin_member()
        return value

    def _compute_rate(self, within: int) -> float:
        """Return the learning rate: it rises for a twentieth of the steps, then falls to 0."""
        share = within / self.recipe.steps
        rising = min(1.0, (share + 1 / self.recipe.steps) / 0.05)
        return self.recipe.learning_rate * rising * (0.5 + 0.5 * math.cos(math.pi * share))

    def _update_average(self, within: int) -> None:
        keep = min(_AVERAGING, (1 + within) / (10 + within))
        for name, value in self._member.state_dict().items():
            self._average[name].lerp_(value, 1 - keep)

    def state_dict(self) -> dict[str, Any]:
        """Return the state for `restore`: tensors and plain values."""
        return {
            "identity": self._identity,
            "ensemble": self.ensemble.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "average": self._average,
            "step": self.step,
            "seconds": self.seconds,
        }

    def restore(self, checkpoint: Path) -> None:
        """Restore the state of a checkpoint, if there is one."""
        if not checkpoint.exists():
            return
        saved = load_checkpoint(checkpoint, identity=self._identity)
        try:
            self.ensemble.load_state_dict(saved["ensemble"])
            self.step, self.seconds = int(saved["step"]), float(saved["seconds"])
            if self.step < self.steps:
                self._begin_member()
                self._optimizer.load_state_dict(saved["optimizer"])
                average: dict[str, Tensor] = saved["average"]
                self._average = average
        except STATE_MISMATCH_ERRORS as error:
            raise WeightsError(
                f"{checkpoint}: does not fit this training; delete it to begin again: {error}"
            ) from error

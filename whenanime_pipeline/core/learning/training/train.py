"""Trains a network: evaluated after each epoch, resumable at any step."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from whenanime_pipeline.core.learning.errors import WeightsError
from whenanime_pipeline.core.learning.evaluation import Scores
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.training.batches import Batches
from whenanime_pipeline.core.learning.training.checkpoint import (
    CHECKPOINT_FILE,
    STATE_MISMATCH_ERRORS,
    load_checkpoint,
    save_checkpoint,
)
from whenanime_pipeline.core.learning.training.log import LOG_FILE, LogRow, write_log
from whenanime_pipeline.core.learning.training.loop import TrainingLoop
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training.state import TrainingState

Evaluate = Callable[[EmbeddingNetwork], Scores]


@dataclass(frozen=True)
class TrainingResult:
    """Result of a training.

    Attributes:
        network: network with the weights of the best epoch, or the last ones without evaluation;
            in evaluation mode.
        rows: rows of the log, the one before training first; none without evaluation.
        best_epoch: epoch with the highest MRR; 0 without evaluation.
        steps: number of batches, earlier runs included.
        pictures: number of views it has seen.
        seconds: time of training and evaluation.
    """

    network: EmbeddingNetwork
    rows: tuple[LogRow, ...]
    best_epoch: int
    steps: int
    pictures: int
    seconds: float


def train(
    network: EmbeddingNetwork,
    batches: Batches,
    recipe: Recipe,
    *,
    evaluate: Evaluate | None = None,
    folder: Path | None = None,
    minutes: float = math.inf,
    checkpoint_seconds: float = 120.0,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_epoch: Callable[[LogRow], None] = lambda _: None,
) -> TrainingResult:
    """Train a network by a recipe.

    The network is evaluated before training and after each epoch. A checkpoint is saved after each
    epoch and regularly within one; a later call resumes from it with the same result.

    Args:
        network: network to train in place, on its device.
        batches: source of batches.
        recipe: recipe of the training.
        evaluate: function that scores a network; None for no evaluation, which keeps the last
            weights.
        folder: folder of the checkpoint and the log; an existing checkpoint is resumed.
        minutes: maximum duration; a schedule without `t_max` ends at the epochs or the duration,
            the earlier of the two.
        checkpoint_seconds: time between two checkpoints within an epoch.
        on_progress: called after every step.
        on_epoch: called with every new row of the log.

    Raises:
        TrainingError: the loss is not finite.
        WeightsError: the checkpoint is damaged or belongs to another training.
        OSError: the folder cannot be written to; the last checkpoint is left as it was.
    """
    state = TrainingState(network, recipe, batches.id)
    loop = TrainingLoop(state, batches, recipe, minutes=minutes)
    checkpointer = _Checkpointer(state, folder)
    checkpointer.restore()
    if evaluate is not None and not state.rows:
        before = _evaluate_epoch(state, evaluate, loss=None)
        checkpointer.save()
        on_epoch(before)
    while not loop.is_finished:
        while not loop.is_epoch_over:
            on_progress(loop.step())
            checkpointer.save_when_due(checkpoint_seconds)
        loss = loop.end_epoch()
        row = None if evaluate is None else _evaluate_epoch(state, evaluate, loss=loss)
        checkpointer.save()
        if row is not None:
            on_epoch(row)
    counts = state.counts
    return TrainingResult(
        network=state.copy_best_network(),
        rows=tuple(state.rows),
        best_epoch=state.best_epoch,
        steps=counts.steps,
        pictures=counts.pictures,
        seconds=counts.seconds,
    )


class _Checkpointer:
    """Saves and resumes a training."""

    def __init__(self, state: TrainingState, folder: Path | None) -> None:
        self._state, self._folder = state, folder
        self._saved = time.monotonic()

    def restore(self) -> None:
        """Resume from the folder's checkpoint, if there is one."""
        if self._folder is None:
            return
        checkpoint = self._folder / CHECKPOINT_FILE
        if checkpoint.exists():
            saved = load_checkpoint(checkpoint, identity=self._state.identity)
            try:
                self._state.load_state_dict(saved)
            except STATE_MISMATCH_ERRORS as error:
                raise WeightsError(
                    f"{checkpoint}: does not fit this training; delete it to begin again: {error}"
                ) from error
            write_log(self._folder / LOG_FILE, self._state.rows)

    def save(self) -> None:
        """Save the checkpoint, and then the log, which is never ahead of the checkpoint."""
        if self._folder is not None:
            save_checkpoint(self._folder / CHECKPOINT_FILE, self._state.state_dict())
            if self._state.rows:
                write_log(self._folder / LOG_FILE, self._state.rows)
        self._saved = time.monotonic()

    def save_when_due(self, seconds: float) -> None:
        """Save if the last checkpoint is older than some seconds."""
        if self._folder is not None and time.monotonic() - self._saved > seconds:
            self.save()


def _evaluate_epoch(state: TrainingState, evaluate: Evaluate, *, loss: float | None) -> LogRow:
    """Evaluate the current network, and record the result."""
    began = time.monotonic()
    found = evaluate(state.inference_network.eval())
    row = LogRow(
        epoch=state.counts.epoch,
        loss=loss,
        acc1=found.acc1,
        acc5=found.acc5,
        acc10=found.acc10,
        acc20=found.acc20,
        mrr=found.mrr,
    )
    state.record_evaluation(row)
    state.counts.seconds += time.monotonic() - began
    return row

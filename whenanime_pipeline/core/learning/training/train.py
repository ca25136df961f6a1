"""The training loop: any source of batches, judged after each epoch, resumable at any step."""

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
    """What came of a training.

    Attributes:
        network: with the weights of the best epoch, or the last ones where nothing was judged; in
            evaluation mode.
        rows: of the log, the one before training first; none where nothing was judged.
        best_epoch: whose reciprocal rank was highest; 0 where nothing was judged.
        steps: batches it learnt from, earlier runs counted in.
        pictures: views it has seen.
        seconds: of training and judging.
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

    The network is judged before training and after each epoch. What is saved after each epoch, and
    now and then within one, is all that a later call needs to go on as if there had been no other.

    Args:
        network: to begin with; it is trained in place, on the device where it is.
        batches: to learn from.
        recipe: how.
        evaluate: judges a network; None to judge nothing and keep the last weights.
        folder: for checkpoint and log, and to go on from when a checkpoint is there.
        minutes: time to take, at most; a schedule without `t_max` follows whichever ends first.
        checkpoint_seconds: time between two checkpoints within an epoch.
        on_progress: called after every step.
        on_epoch: called with every new row of the log.

    Raises:
        TrainingError: the loss is no longer a number.
        WeightsError: the checkpoint is damaged or belongs to another training.
        OSError: the folder cannot be written to; the last checkpoint is left as it was.
    """
    state = TrainingState(network, recipe, batches.id)
    loop = TrainingLoop(state, batches, recipe, minutes=minutes)
    keeper = _Checkpointer(state, folder)
    keeper.restore()
    if evaluate is not None and not state.rows:
        before = _evaluate_epoch(state, evaluate, loss=None)
        keeper.save()
        on_epoch(before)
    while not loop.is_finished:
        while not loop.is_epoch_over:
            on_progress(loop.step())
            keeper.save_when_due(checkpoint_seconds)
        loss = loop.end_epoch()
        row = None if evaluate is None else _evaluate_epoch(state, evaluate, loss=loss)
        keeper.save()
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
    """Saves a training, and takes it up again."""

    def __init__(self, state: TrainingState, folder: Path | None) -> None:
        self._state, self._folder = state, folder
        self._saved = time.monotonic()

    def restore(self) -> None:
        """Go on where the folder's checkpoint was saved, if there is one."""
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
        """Save the checkpoint, and then the log, which never has more than the checkpoint."""
        if self._folder is not None:
            save_checkpoint(self._folder / CHECKPOINT_FILE, self._state.state_dict())
            if self._state.rows:
                write_log(self._folder / LOG_FILE, self._state.rows)
        self._saved = time.monotonic()

    def save_when_due(self, seconds: float) -> None:
        """Save when the last time was so many seconds ago."""
        if self._folder is not None and time.monotonic() - self._saved > seconds:
            self.save()


def _evaluate_epoch(state: TrainingState, evaluate: Evaluate, *, loss: float | None) -> LogRow:
    """Judge the network as it is now, and take it down."""
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

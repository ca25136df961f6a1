"""Runs a training as a process of its own that reports every step and can be killed."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import RLock
from typing import Self, TypeAlias

from benchmarks.support.context import BenchmarkError
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.evaluation import RetrievalMetrics
from whenanime_pipeline.core.learning.training.log import LOG_FILE, LogRow, read_log
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe

_POLL_INTERVAL = 0.001
"""Seconds to wait for an event before None is yielded."""
_TRAINING = "whenanime_pipeline.core.learning.training.model_training"


@dataclass(frozen=True, slots=True)
class FinishedTraining:
    """A finished training.

    Attributes:
        log: rows of the model's log.
        before, after: metrics before and after training, with intervals.
        weights: digest of the model's weights.
        seconds: duration of training and evaluation, of all runs.
        steps: steps of all epochs.
    """

    log: tuple[LogRow, ...]
    before: RetrievalMetrics
    after: RetrievalMetrics
    weights: str
    seconds: float
    steps: int


@dataclass(frozen=True, slots=True)
class _Failed:
    """The training raised; `text` is the traceback."""

    text: str


Event: TypeAlias = Progress | LogRow | FinishedTraining


class TrainingProcess:
    """A running `ensure_model`; a context manager that kills it at the end."""

    def __init__(self, home: Home, recipe: Recipe) -> None:
        """Start the process.

        Args:
            home: home with a dataset.
            recipe: recipe of the training.
        """
        # Forked from a process that has imported torch, which takes as long as a small training.
        context = get_context("forkserver")
        context.set_forkserver_preload([_TRAINING])
        self._events, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_train, args=(home, recipe, sender))
        self._process.start()
        sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._events.close()

    def kill(self) -> None:
        """Send SIGKILL and wait until the process has ended."""
        self._process.kill()
        self._process.join()

    def events(self) -> Iterator[Event | None]:
        """Yield the events of the training until it ends, and None whenever there is no event.

        Raises:
            BenchmarkError: the training failed.
        """
        while True:
            if not self._events.poll(_POLL_INTERVAL):
                yield None
                continue
            try:
                event: Event | _Failed = self._events.recv()
            except EOFError:
                self._process.join()
                raise BenchmarkError(
                    f"the training ended with {self._process.exitcode} before it was done"
                ) from None
            if isinstance(event, _Failed):
                raise BenchmarkError(f"the training failed:\n{event.text}")
            if isinstance(event, FinishedTraining):
                self._process.join()  # it still cleans up
                yield event
                return
            yield event


def train_to_end(home: Home, recipe: Recipe) -> FinishedTraining:
    """Train without interruption.

    Args:
        home: home with a dataset.
        recipe: recipe of the training.

    Raises:
        BenchmarkError: the training failed.
    """
    with TrainingProcess(home, recipe) as run:
        ended = [event for event in run.events() if isinstance(event, FinishedTraining)]
    return ended[0]


def _train(home: Home, recipe: Recipe, events: Connection) -> None:
    """Main function of the process: trains and sends events."""
    try:
        events.send(_run_training(home, recipe, events))
    except Exception:  # noqa: BLE001 - sent to the parent process
        events.send(_Failed(traceback.format_exc()))


def _run_training(home: Home, recipe: Recipe, events: Connection) -> FinishedTraining:
    from tqdm import tqdm  # type: ignore[import-untyped]

    from whenanime_pipeline.core.learning.dataset.loading import load_training_data
    from whenanime_pipeline.core.learning.network.weights import WEIGHTS_FILE
    from whenanime_pipeline.core.learning.training.batches import PairBatches
    from whenanime_pipeline.core.learning.training.model_training import ensure_model

    # Torch's export uses tqdm, whose lock between processes would stay locked after a kill.
    tqdm.set_lock(RLock())
    data = load_training_data(home, side=recipe.picture_side)
    done = ensure_model(home, data, recipe, on_progress=events.send, on_epoch=events.send)
    return FinishedTraining(
        log=tuple(read_log(done.folder / LOG_FILE)),
        before=done.metrics_before,
        after=done.metrics_after,
        weights=_digest(done.folder / WEIGHTS_FILE),
        seconds=done.seconds or 0.0,
        steps=recipe.epochs * PairBatches(data, recipe).steps,
    )


def _digest(weights: Path) -> str:
    """Return a digest of the weights in a file, independent of their order."""
    from safetensors.numpy import load_file

    digest = blake2b(digest_size=16)
    for name, values in sorted(load_file(weights).items()):
        digest.update(name.encode() + values.tobytes())
    return digest.hexdigest()

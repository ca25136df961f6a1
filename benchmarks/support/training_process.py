"""A training in a process of its own: every step is reported, and it can be killed at any."""

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

_LOOK_EVERY = 0.001  # seconds
_TRAINING = "whenanime_pipeline.core.learning.training.model_training"


@dataclass(frozen=True, slots=True)
class FinishedTraining:
    """What came of a training.

    Attributes:
        log: the rows of the model's log.
        before, after: both directions, with intervals.
        weights: digest of all weights of the model.
        seconds: of training and judging, all runs together.
        steps: of all epochs.
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
    """`ensure_model` on its way, in a process of its own."""

    def __init__(self, home: Home, recipe: Recipe) -> None:
        """Start it.

        Args:
            home: with a dataset.
            recipe: to train by.
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
        """Send SIGKILL, and wait until it is gone."""
        self._process.kill()
        self._process.join()

    def events(self) -> Iterator[Event | None]:
        """Yield what the training tells until it has ended; None when it is busy with a step.

        Raises:
            BenchmarkError: the training failed.
        """
        while True:
            if not self._events.poll(_LOOK_EVERY):
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
                self._process.join()  # it has something to clear away
                yield event
                return
            yield event


def train_to_end(home: Home, recipe: Recipe) -> FinishedTraining:
    """Train without being disturbed.

    Args:
        home: with a dataset.
        recipe: to train by.

    Raises:
        BenchmarkError: the training failed.
    """
    with TrainingProcess(home, recipe) as run:
        ended = [event for event in run.events() if isinstance(event, FinishedTraining)]
    return ended[0]


def _train(home: Home, recipe: Recipe, events: Connection) -> None:
    """Train, and report it. The top of the process."""
    try:
        events.send(_run_training(home, recipe, events))
    except Exception:  # noqa: BLE001 - whatever it is, it is asked to who is waiting
        events.send(_Failed(traceback.format_exc()))


def _run_training(home: Home, recipe: Recipe, events: Connection) -> FinishedTraining:
    from tqdm import tqdm  # type: ignore[import-untyped]

    from whenanime_pipeline.core.learning.dataset.loading import load_training_data
    from whenanime_pipeline.core.learning.network.weights import WEIGHTS_FILE
    from whenanime_pipeline.core.learning.training.batches import PairBatches
    from whenanime_pipeline.core.learning.training.model_training import ensure_model

    # Torch shows its export by tqdm, whose lock between processes a kill would leave behind.
    tqdm.set_lock(RLock())
    material = load_training_data(home, side=recipe.picture_side)
    done = ensure_model(home, material, recipe, on_progress=events.send, on_epoch=events.send)
    return FinishedTraining(
        log=tuple(read_log(done.folder / LOG_FILE)),
        before=done.metrics_before,
        after=done.metrics_after,
        weights=_digest(done.folder / WEIGHTS_FILE),
        seconds=done.seconds or 0.0,
        steps=recipe.epochs * PairBatches(material, recipe).steps,
    )


def _digest(weights: Path) -> str:
    """Return a digest of what a file of weights holds; the file names it in any order."""
    from safetensors.numpy import load_file

    digest = blake2b(digest_size=16)
    for name, values in sorted(load_file(weights).items()):
        digest.update(name.encode() + values.tobytes())
    return digest.hexdigest()

"""Kills and resumes a training at given points, and records what is lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.support.training_process import Event, FinishedTraining, TrainingProcess
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.training.checkpoint import CHECKPOINT_FILE
from whenanime_pipeline.core.learning.training.log import LOG_FILE, LogRow, read_log
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe

_TRAININGS = "training-*"
"""Folders of unfinished trainings among a home's models."""


@dataclass(frozen=True, slots=True)
class KillPoint:
    """A point of a training at which to kill it.

    Attributes:
        name: name for the report.
        is_reached: returns whether it is reached, given the last event (or None) and the home.
    """

    name: str
    is_reached: Callable[[Event | None, Home], bool]


@dataclass(slots=True)
class Kill:
    """A kill and its effect.

    Attributes:
        kill_point: name of the kill point.
        step: last step reported before the kill.
        logged_epochs: epochs in the log at the kill, without the row before training.
        reported_epochs: epochs reported until then, in all runs.
        next_step: first step reported after the kill; None if there was none before the next kill.
        steps_per_epoch: steps per epoch.
    """

    kill_point: str
    step: int
    logged_epochs: int
    reported_epochs: int
    next_step: int | None = None
    steps_per_epoch: int = 1

    @property
    def lost_epochs(self) -> int:
        """Number of finished epochs that were lost."""
        kept = (
            self.logged_epochs
            if self.next_step is None
            else (self.next_step - 1) // self.steps_per_epoch
        )
        return max(0, max(self.reported_epochs, self.logged_epochs) - kept)

    @property
    def repeated_steps(self) -> int:
        """Number of steps that were repeated."""
        return 0 if self.next_step is None else max(0, self.step - self.next_step + 1)

    def to_row(self) -> dict[str, object]:
        """Return a row for the report."""
        return {
            "kill point": self.kill_point,
            "after step": self.step,
            "epochs logged": self.logged_epochs,
            "resumed at step": "none" if self.next_step is None else self.next_step,
            "repeated steps": self.repeated_steps,
            "lost epochs": self.lost_epochs,
        }


@dataclass(slots=True)
class InterruptedTraining:
    """A training that was killed and resumed.

    Attributes:
        kills: kills, in order.
        reported_epochs: epochs reported in all runs, in order.
        result: the finished training.
    """

    kills: list[Kill] = field(default_factory=list)
    reported_epochs: list[int] = field(default_factory=list)
    result: FinishedTraining | None = None

    @property
    def duplicate_epochs(self) -> int:
        """Number of epochs logged or reported more than once."""
        assert self.result is not None
        logged = [row.epoch for row in self.result.log]
        return sum(len(epochs) - len(set(epochs)) for epochs in (logged, self.reported_epochs))


def after_step(step: int) -> KillPoint:
    """Return the kill point after a step."""
    return KillPoint(
        f"step {step}", lambda event, _: isinstance(event, Progress) and event.step >= step
    )


def after_epoch_report(epoch: int) -> KillPoint:
    """Return the kill point after the report of an epoch."""
    return KillPoint(
        f"epoch {epoch} was reported",
        lambda event, _: isinstance(event, LogRow) and event.epoch >= epoch,
    )


def during_checkpoint(epoch: int) -> KillPoint:
    """Return the kill point while a checkpoint is written, after an epoch has been logged."""
    part = f"{_TRAININGS}/.{CHECKPOINT_FILE}.part"
    return KillPoint(
        f"a checkpoint is being written after epoch {epoch}",
        lambda _, home: any(home.models.glob(part)) and _logged(home) >= epoch,
    )


def during_export() -> KillPoint:
    """Return the kill point while the model is written, after the training."""
    return KillPoint(
        "the model is being written",
        lambda _, home: any(home.models.glob(f"{_TRAININGS}/model/*")),
    )


def train_with_kills(
    home: Home, recipe: Recipe, kill_points: Sequence[KillPoint]
) -> InterruptedTraining:
    """Train, killing and resuming at each kill point, until the training is finished.

    Args:
        home: home with a dataset.
        recipe: recipe of the training.
        kill_points: kill points, one kill each in the order they are reached; others are skipped.

    Raises:
        BenchmarkError: the training failed.
    """
    training, pending = InterruptedTraining(), list(kill_points)
    while training.result is None:
        with TrainingProcess(home, recipe) as run:
            _follow_until_kill(run, home, training, pending)
    return training


def _follow_until_kill(
    run: TrainingProcess, home: Home, training: InterruptedTraining, pending: list[KillPoint]
) -> None:
    """Follow a run until it ends or reaches a kill point, where it is killed."""
    before = training.kills[-1] if training.kills else None
    step = before.step if before else 0
    for event in run.events():
        if isinstance(event, Progress):
            step = event.step
            if before is not None and before.next_step is None:
                before.next_step, before.steps_per_epoch = step, event.steps // event.epochs
        elif isinstance(event, LogRow):
            training.reported_epochs.append(event.epoch)
        elif isinstance(event, FinishedTraining):
            training.result = event
            return
        kill_point = next((one for one in pending if one.is_reached(event, home)), None)
        if kill_point is not None:
            run.kill()
            pending.remove(kill_point)
            logged, reported = max(0, _logged(home)), max(training.reported_epochs, default=0)
            training.kills.append(Kill(kill_point.name, step, logged, reported))
            return


def _logged(home: Home) -> int:
    """Return the last logged epoch of the current training; -1 without a log."""
    for log in home.models.glob(f"{_TRAININGS}/{LOG_FILE}"):
        return read_log(log)[-1].epoch
    return -1

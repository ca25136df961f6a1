"""Killing one training again and again on its way, and looking what is lost by it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.support.training_process import Event, FinishedTraining, TrainingProcess
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.training.checkpoint import CHECKPOINT_FILE
from whenanime_pipeline.core.learning.training.log import LOG_FILE, LogRow, read_log
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe

_TRAININGS = "training-*"  # of a home's models


@dataclass(frozen=True, slots=True)
class KillPoint:
    """When to kill.

    Attributes:
        name: for people.
        is_reached: tells whether it has come, by what was reported last, or None, and by the home.
    """

    name: str
    is_reached: Callable[[Event | None, Home], bool]


@dataclass(slots=True)
class Kill:
    """What became of one kill.

    Attributes:
        kill_point: its name.
        step: the last one reported before.
        logged_epochs: epochs in the log at the kill, the row before training not counted.
        reported_epochs: epochs reported by then, in all runs.
        next_step: the first one reported after; None where none was left, or the next kill came
            before it.
        steps_per_epoch: of an epoch.
    """

    kill_point: str
    step: int
    logged_epochs: int
    reported_epochs: int
    next_step: int | None = None
    steps_per_epoch: int = 1

    @property
    def lost_epochs(self) -> int:
        """Epochs that had been finished, and were not there any more."""
        kept = (
            self.logged_epochs
            if self.next_step is None
            else (self.next_step - 1) // self.steps_per_epoch
        )
        return max(0, max(self.reported_epochs, self.logged_epochs) - kept)

    @property
    def repeated_steps(self) -> int:
        """Steps that were done a second time."""
        return 0 if self.next_step is None else max(0, self.step - self.next_step + 1)

    def to_row(self) -> dict[str, object]:
        """Return a record of it."""
        return {
            "killed": self.kill_point,
            "after step": self.step,
            "epochs logged": self.logged_epochs,
            "went on with step": "none" if self.next_step is None else self.next_step,
            "steps done again": self.repeated_steps,
            "epochs lost": self.lost_epochs,
        }


@dataclass(slots=True)
class InterruptedTraining:
    """A training that was killed on its way.

    Attributes:
        kills: in order.
        reported_epochs: the epochs that were reported, in all runs, in order.
        result: what came of it.
    """

    kills: list[Kill] = field(default_factory=list)
    reported_epochs: list[int] = field(default_factory=list)
    result: FinishedTraining | None = None

    @property
    def duplicate_epochs(self) -> int:
        """Epochs that are in the log, or were reported, more than once."""
        assert self.result is not None
        logged = [row.epoch for row in self.result.log]
        return sum(len(epochs) - len(set(epochs)) for epochs in (logged, self.reported_epochs))


def after_step(step: int) -> KillPoint:
    """Return the moment when a step has been done."""
    return KillPoint(
        f"step {step}", lambda event, _: isinstance(event, Progress) and event.step >= step
    )


def after_epoch_report(epoch: int) -> KillPoint:
    """Return the moment when an epoch has been reported."""
    return KillPoint(
        f"epoch {epoch} was reported",
        lambda event, _: isinstance(event, LogRow) and event.epoch >= epoch,
    )


def during_checkpoint(epoch: int) -> KillPoint:
    """Return the moment when a checkpoint is being written, an epoch being in the log."""
    part = f"{_TRAININGS}/.{CHECKPOINT_FILE}.part"
    return KillPoint(
        f"a checkpoint is being written after epoch {epoch}",
        lambda _, home: any(home.models.glob(part)) and _logged(home) >= epoch,
    )


def during_export() -> KillPoint:
    """Return the moment when the model is being written, the training being over."""
    return KillPoint(
        "the model is being written",
        lambda _, home: any(home.models.glob(f"{_TRAININGS}/model/*")),
    )


def train_with_kills(
    home: Home, recipe: Recipe, moments: Sequence[KillPoint]
) -> InterruptedTraining:
    """Train, kill it at each of some moments, whichever comes first, and go on until it is done.

    Args:
        home: with a dataset.
        recipe: to train by.
        moments: one kill each; those that do not come are left out.

    Raises:
        BenchmarkError: the training failed.
    """
    course, coming = InterruptedTraining(), list(moments)
    while course.result is None:
        with TrainingProcess(home, recipe) as run:
            _follow_until_kill(run, home, course, coming)
    return course


def _follow_until_kill(
    run: TrainingProcess, home: Home, course: InterruptedTraining, coming: list[KillPoint]
) -> None:
    """Follow a run until it has ended, or its moment has come."""
    before = course.kills[-1] if course.kills else None
    step = before.step if before else 0
    for event in run.events():
        if isinstance(event, Progress):
            step = event.step
            if before is not None and before.next_step is None:
                before.next_step, before.steps_per_epoch = step, event.steps // event.epochs
        elif isinstance(event, LogRow):
            course.reported_epochs.append(event.epoch)
        elif isinstance(event, FinishedTraining):
            course.result = event
            return
        moment = next((one for one in coming if one.is_reached(event, home)), None)
        if moment is not None:
            run.kill()
            coming.remove(moment)
            logged, reported = max(0, _logged(home)), max(course.reported_epochs, default=0)
            course.kills.append(Kill(moment.name, step, logged, reported))
            return


def _logged(home: Home) -> int:
    """Return the last epoch in the log of the training that is going on; -1 without a log."""
    for log in home.models.glob(f"{_TRAININGS}/{LOG_FILE}"):
        return read_log(log)[-1].epoch
    return -1

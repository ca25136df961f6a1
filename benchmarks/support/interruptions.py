"""Killing one training again and again on its way, and looking what is lost by it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.support.trainee import Ended, Event, TrainingRun
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.training.checkpoint import CHECKPOINT_FILE
from whenanime_pipeline.core.learning.training.log import LOG_FILE, LogRow, read_log
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.learning.training.recipe import Recipe

_TRAININGS = "training-*"  # of a home's models


@dataclass(frozen=True, slots=True)
class Moment:
    """When to kill.

    Attributes:
        name: for people.
        reached: tells whether it has come, by what was told last, or None, and by the home.
    """

    name: str
    reached: Callable[[Event | None, Home], bool]


@dataclass(slots=True)
class Interruption:
    """What became of one kill.

    Attributes:
        moment: its name.
        step: the last one told before.
        logged: epochs in the log at the kill, the row before training not counted.
        told: epochs that were told of by then, in all runs.
        next_step: the first one told after; None where none was left to do, or the next kill came
            before it.
        steps: of an epoch.
    """

    moment: str
    step: int
    logged: int
    told: int
    next_step: int | None = None
    steps: int = 1

    @property
    def lost(self) -> int:
        """Epochs that had been finished, and were not there any more."""
        kept = self.logged if self.next_step is None else (self.next_step - 1) // self.steps
        return max(0, max(self.told, self.logged) - kept)

    @property
    def repeated(self) -> int:
        """Steps that were done a second time."""
        return 0 if self.next_step is None else max(0, self.step - self.next_step + 1)

    def row(self) -> dict[str, object]:
        """Return a record of it."""
        return {
            "killed": self.moment,
            "after step": self.step,
            "epochs logged": self.logged,
            "went on with step": "none" if self.next_step is None else self.next_step,
            "steps done again": self.repeated,
            "epochs lost": self.lost,
        }


@dataclass(slots=True)
class Course:
    """A training that was killed on its way.

    Attributes:
        kills: in order.
        told: the epochs that were told of, in all runs, in order.
        ended: what came of it.
    """

    kills: list[Interruption] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    ended: Ended | None = None

    @property
    def twice(self) -> int:
        """Epochs that are in the log, or were told, more than once."""
        assert self.ended is not None
        logged = [row.epoch for row in self.ended.log]
        return sum(len(epochs) - len(set(epochs)) for epochs in (logged, self.told))


def at_step(step: int) -> Moment:
    """Return the moment when a step has been done."""
    return Moment(
        f"step {step}", lambda event, _: isinstance(event, Progress) and event.step >= step
    )


def when_told(epoch: int) -> Moment:
    """Return the moment when an epoch has been told of."""
    return Moment(
        f"epoch {epoch} was told",
        lambda event, _: isinstance(event, LogRow) and event.epoch >= epoch,
    )


def when_saving(epoch: int) -> Moment:
    """Return the moment when a checkpoint is being written, an epoch being in the log."""
    part = f"{_TRAININGS}/.{CHECKPOINT_FILE}.part"
    return Moment(
        f"a checkpoint is being written after epoch {epoch}",
        lambda _, home: any(home.models.glob(part)) and _logged(home) >= epoch,
    )


def when_exporting() -> Moment:
    """Return the moment when the model is being written, the training being over."""
    return Moment(
        "the model is being written",
        lambda _, home: any(home.models.glob(f"{_TRAININGS}/model/*")),
    )


def train_and_kill(home: Home, recipe: Recipe, moments: Sequence[Moment]) -> Course:
    """Train, kill it at each of some moments, whichever comes first, and go on until it is done.

    Args:
        home: with a dataset.
        recipe: to train by.
        moments: one kill each; those that do not come are left out.

    Raises:
        BenchmarkError: the training failed.
    """
    course, coming = Course(), list(moments)
    while course.ended is None:
        with TrainingRun(home, recipe) as run:
            _follow(run, home, course, coming)
    return course


def _follow(run: TrainingRun, home: Home, course: Course, coming: list[Moment]) -> None:
    """Follow a run until it has ended, or its moment has come."""
    before = course.kills[-1] if course.kills else None
    step = before.step if before else 0
    for event in run.events():
        if isinstance(event, Progress):
            step = event.step
            if before is not None and before.next_step is None:
                before.next_step, before.steps = step, event.steps // event.epochs
        elif isinstance(event, LogRow):
            course.told.append(event.epoch)
        elif isinstance(event, Ended):
            course.ended = event
            return
        moment = next((one for one in coming if one.reached(event, home)), None)
        if moment is not None:
            run.kill()
            coming.remove(moment)
            logged, told = max(0, _logged(home)), max(course.told, default=0)
            course.kills.append(Interruption(moment.name, step, logged, told))
            return


def _logged(home: Home) -> int:
    """Return the last epoch in the log of the training that is going on; -1 without a log."""
    for log in home.models.glob(f"{_TRAININGS}/{LOG_FILE}"):
        return read_log(log)[-1].epoch
    return -1

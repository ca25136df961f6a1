"""Steps of a training, timed: the whole of them, and what of it was waiting for the loader."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import perf_counter

import psutil

from benchmarks.support.cost import Cost, measure_cost


@dataclass(frozen=True, slots=True)
class StepPlan:
    """What to time of a training.

    Attributes:
        backbone: name of a torchvision network, average-pooled, with random weights.
        size: pixels of the views' side.
        batch: pictures, twice as many views.
        warm_up: steps before the clock starts, at least one: kernels are chosen, and a loader's
            processes are started and have worked ahead as far as they may.
        steps: that are timed.
    """

    backbone: str
    size: int
    batch: int
    warm_up: int
    steps: int

    @property
    def total_steps(self) -> int:
        """Steps to do."""
        return self.warm_up + self.steps


@dataclass(frozen=True, slots=True)
class TimedSteps:
    """Some steps of a training, one after the other.

    Attributes:
        cost: of all of them; processor time counts that of the loader's processes.
        loading_seconds: seconds of the wall time in which there was no batch to learn from yet.
        views: pictures that went through the network, forth and back.
    """

    cost: Cost
    loading_seconds: float
    views: int

    @property
    def views_per_second(self) -> float:
        """Views a second."""
        return self.views / self.cost.wall

    @property
    def loading_share(self) -> float:
        """The loader's part of a step."""
        return self.loading_seconds / self.cost.wall


class StepTimer:
    """Times the steps of a plan while a training does them.

    Attributes:
        result: what was timed; None until all steps are done.
    """

    def __init__(self, plan: StepPlan) -> None:
        self.result: TimedSteps | None = None
        self._plan, self._done, self._loading = plan, 0, 0.0
        self._clock = ExitStack()
        self._cost, self._children = Cost(), 0.0

    @contextmanager
    def time_loading(self) -> Iterator[None]:
        """Count a block as the loader's."""
        began = perf_counter()
        yield
        self._loading += perf_counter() - began

    def count_step(self) -> bool:
        """Count a step, and tell whether it was the last."""
        self._done += 1
        if self._done == self._plan.warm_up:
            self._loading, self._children = 0.0, _children_cpu_seconds()
            self._cost = self._clock.enter_context(measure_cost())
        if self._done == self._plan.total_steps:
            self._clock.close()
            self._cost.cpu += _children_cpu_seconds() - self._children
            views = 2 * self._plan.batch * self._plan.steps
            self.result = TimedSteps(self._cost, self._loading, views)
        return self.result is not None


def _children_cpu_seconds() -> float:
    """Return the processor seconds of the processes started here that still run."""
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return float(sum(one.user + one.system for one in times))

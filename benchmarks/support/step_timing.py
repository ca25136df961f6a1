"""Times the steps of a training, and the share spent waiting for the loader."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import perf_counter

import psutil

from benchmarks.support.cost import Cost, measure_cost


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Steps to time of a training.

    Attributes:
        backbone: name of a torchvision network, average-pooled, with random weights.
        size: side of the views, in pixels.
        batch: pictures per batch; twice as many views.
        warm_up: steps before timing, at least one: kernels are chosen, and the loader's processes
            start and prefetch.
        steps: timed steps.
    """

    backbone: str
    size: int
    batch: int
    warm_up: int
    steps: int

    @property
    def total_steps(self) -> int:
        """All steps, with the warm-up."""
        return self.warm_up + self.steps


@dataclass(frozen=True, slots=True)
class TimedSteps:
    """Timed steps of a training.

    Attributes:
        cost: cost of all steps, with the CPU time of the loader's processes.
        loading_seconds: wall time spent waiting for batches.
        views: number of views through the forward and backward pass.
    """

    cost: Cost
    loading_seconds: float
    views: int

    @property
    def views_per_second(self) -> float:
        """Views per second."""
        return self.views / self.cost.wall

    @property
    def loading_share(self) -> float:
        """Share of the wall time spent waiting for batches, 0 to 1."""
        return self.loading_seconds / self.cost.wall


class StepTimer:
    """Times the steps of a plan while a training does them.

    Attributes:
        result: the timed steps; None until all steps are done.
    """

    def __init__(self, plan: StepPlan) -> None:
        self.result: TimedSteps | None = None
        self._plan, self._done, self._loading = plan, 0, 0.0
        self._clock = ExitStack()
        self._cost, self._children = Cost(), 0.0

    @contextmanager
    def time_loading(self) -> Iterator[None]:
        """Count the block as loading."""
        began = perf_counter()
        yield
        self._loading += perf_counter() - began

    def count_step(self) -> bool:
        """Count a step; returns whether it was the last."""
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
    """Return the CPU seconds of running child processes."""
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return float(sum(one.user + one.system for one in times))

"""Measures wall time and CPU time, and runs functions in fresh processes."""

import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from time import perf_counter
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(slots=True)
class Cost:
    """Time of a block.

    Attributes:
        wall: seconds of wall time.
        cpu: seconds of CPU time, of all threads and of children that have ended.
    """

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def measure_cost() -> Iterator[Cost]:
    """Measure a block; the yielded cost is set when the block ends."""
    cost = Cost()
    wall, cpu = perf_counter(), _cpu()
    yield cost
    cost.wall, cost.cpu = perf_counter() - wall, _cpu() - cpu


def run_in_fresh_process(work: Callable[..., Result], *arguments: object) -> Result:
    """Run a function in a fresh process, without threads, caches or memory of earlier work.

    Args:
        work: function at module level.
        arguments: its arguments; they and the result are pickled.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)

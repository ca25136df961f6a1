"""An app that is watched while crowds search it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from pathlib import Path

import httpx
import numpy as np
import psutil

from benchmarks.support.app_process import AppProcess
from benchmarks.support.clock import alone
from benchmarks.support.load import REFUSED, Answered, Crowd, ask_together

_LOOK_EVERY = 0.1


class Watched:
    """What came of some clients, and what it took.

    Attributes:
        answers: all of them.
        seconds: they took together.
        processor: seconds that the server worked.
        peak: bytes of its own memory, the most.
    """

    def __init__(
        self, answers: Sequence[Answered], seconds: float, processor: float, peak: float
    ) -> None:
        self.answers = answers
        self.seconds = seconds
        self.processor = processor
        self.peak = peak

    @property
    def accepted(self) -> list[float]:
        """Milliseconds of each search that was answered."""
        return [1000 * answer.seconds for answer in self.answers if answer.status == 200]

    @property
    def broken(self) -> int:
        """Answers that are neither scenes nor a refusal that says when to come again."""
        return sum(
            answer.status != 200 and not (answer.status in REFUSED and answer.told)
            for answer in self.answers
        )

    def rows(self) -> list[dict[str, object]]:
        """Return how often each code was answered, and how fast."""
        rows: list[dict[str, object]] = []
        for status, count in Counter(answer.status for answer in self.answers).most_common():
            spent = [1000 * one.seconds for one in self.answers if one.status == status]
            rows.append(
                {"status": status, "answers": count, "median, ms": float(np.median(spent)),
                 "95 %, ms": late(spent)}
            )  # fmt: skip
        return rows


def watch(server: AppProcess, files: Sequence[Path], crowds: Sequence[Crowd], seed: int) -> Watched:
    """Have crowds search, and watch the server; one that ends meanwhile is seen by its answers."""
    processor = told(lambda: server.processor)
    with _peak(lambda: told(lambda: server.own)) as peak:
        given: list[Answered] = alone(ask_together, server.url, files, crowds, seed)
    seconds = max(crowd.seconds for crowd in crowds)
    return Watched(given, seconds, told(lambda: server.processor) - processor, peak[0])


def answers(server: AppProcess) -> bool:
    """Tell whether a server answers."""
    try:
        return httpx.get(f"{server.url}/status", timeout=30).is_success
    except httpx.HTTPError:
        return False


def told(look: Callable[[], float]) -> float:
    """Return what the system tells of a process; 0 when there is none any more."""
    try:
        return look()
    except psutil.Error:
        return 0


@contextmanager
def _peak(look: Callable[[], float]) -> Iterator[list[float]]:
    """Look again and again while the block runs; yields the most that was seen, in a list."""
    most, enough = [look()], threading.Event()

    def watch() -> None:
        while not enough.wait(_LOOK_EVERY):
            most[0] = max(most[0], look())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        enough.set()
        thread.join()


def late(values: Sequence[float]) -> float:
    """Return what 95 of 100 do not exceed; infinite when there are none."""
    # Above and not between: half of infinitely long is no number.
    return float(np.quantile(values, 0.95, method="higher")) if values else inf

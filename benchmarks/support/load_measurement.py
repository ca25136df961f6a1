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
from benchmarks.support.cost import run_in_fresh_process
from benchmarks.support.load_generator import REFUSAL_CODES, ClientGroup, Response, run_clients

_LOOK_EVERY = 0.1


class LoadRun:
    """What came of some clients, and what it took.

    Attributes:
        responses: all of them.
        seconds: they took together.
        cpu_seconds: seconds that the server worked.
        peak_bytes: bytes of its own memory, the most.
    """

    def __init__(
        self, answers: Sequence[Response], seconds: float, processor: float, peak: float
    ) -> None:
        self.responses = answers
        self.seconds = seconds
        self.cpu_seconds = processor
        self.peak_bytes = peak

    @property
    def accepted_milliseconds(self) -> list[float]:
        """Milliseconds of each search that was answered."""
        return [1000 * answer.seconds for answer in self.responses if answer.status == 200]

    @property
    def broken_count(self) -> int:
        """Answers that are neither scenes nor a refusal that says when to come again."""
        return sum(
            answer.status != 200 and not (answer.status in REFUSAL_CODES and answer.has_retry_after)
            for answer in self.responses
        )

    def to_rows(self) -> list[dict[str, object]]:
        """Return how often each code was answered, and how fast."""
        rows: list[dict[str, object]] = []
        for status, count in Counter(answer.status for answer in self.responses).most_common():
            spent = [1000 * one.seconds for one in self.responses if one.status == status]
            rows.append(
                {"status": status, "answers": count, "median, ms": float(np.median(spent)),
                 "95 %, ms": percentile_95(spent)}
            )  # fmt: skip
        return rows


def measure_load(
    server: AppProcess, files: Sequence[Path], groups: Sequence[ClientGroup], seed: int
) -> LoadRun:
    """Have crowds search, and watch the server; one that ends meanwhile is seen by its answers."""
    processor = read_or_zero(lambda: server.cpu_seconds)
    with _peak(lambda: read_or_zero(lambda: server.private_bytes)) as peak:
        given: list[Response] = run_in_fresh_process(run_clients, server.url, files, groups, seed)
    seconds = max(crowd.seconds for crowd in groups)
    return LoadRun(given, seconds, read_or_zero(lambda: server.cpu_seconds) - processor, peak[0])


def is_responding(server: AppProcess) -> bool:
    """Tell whether a server answers."""
    try:
        return httpx.get(f"{server.url}/status", timeout=30).is_success
    except httpx.HTTPError:
        return False


def read_or_zero(look: Callable[[], float]) -> float:
    """Return what the system reports a process; 0 when there is none any more."""
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


def percentile_95(values: Sequence[float]) -> float:
    """Return what 95 of 100 do not exceed; infinite when there are none."""
    # Above and not between: half of infinitely long is no number.
    return float(np.quantile(values, 0.95, method="higher")) if values else inf

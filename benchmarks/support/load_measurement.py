"""Measures a server's responses, CPU time and memory under load."""

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

_POLL_INTERVAL = 0.1
"""Seconds between readings of the memory."""


class LoadRun:
    """Responses under a load, and the server's cost.

    Attributes:
        responses: all responses.
        seconds: duration of the load.
        cpu_seconds: CPU time of the server.
        peak_bytes: peak of the server's private memory.
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
        """Milliseconds of each successful search."""
        return [1000 * answer.seconds for answer in self.responses if answer.status == 200]

    @property
    def broken_count(self) -> int:
        """Number of responses that are neither successful nor a refusal with `Retry-After`."""
        return sum(
            answer.status != 200 and not (answer.status in REFUSAL_CODES and answer.has_retry_after)
            for answer in self.responses
        )

    def to_rows(self) -> list[dict[str, object]]:
        """Return the number and latency of responses for each status code."""
        rows: list[dict[str, object]] = []
        for status, count in Counter(answer.status for answer in self.responses).most_common():
            spent = [1000 * one.seconds for one in self.responses if one.status == status]
            rows.append(
                {"status": status, "responses": count, "median, ms": float(np.median(spent)),
                 "95th percentile, ms": percentile_95(spent)}
            )  # fmt: skip
        return rows


def measure_load(
    server: AppProcess, files: Sequence[Path], groups: Sequence[ClientGroup], seed: int
) -> LoadRun:
    """Run clients and measure the server; a crash shows in its responses."""
    processor = read_or_zero(lambda: server.cpu_seconds)
    with _peak(lambda: read_or_zero(lambda: server.private_bytes)) as peak:
        given: list[Response] = run_in_fresh_process(run_clients, server.url, files, groups, seed)
    seconds = max(group.seconds for group in groups)
    return LoadRun(given, seconds, read_or_zero(lambda: server.cpu_seconds) - processor, peak[0])


def is_responding(server: AppProcess) -> bool:
    """Return whether a server responds."""
    try:
        return httpx.get(f"{server.url}/status", timeout=30).is_success
    except httpx.HTTPError:
        return False


def read_or_zero(read: Callable[[], float]) -> float:
    """Return a reading of a process; 0 if it has ended."""
    try:
        return read()
    except psutil.Error:
        return 0


@contextmanager
def _peak(read: Callable[[], float]) -> Iterator[list[float]]:
    """Poll a reading while the block runs; yields a list with its maximum."""
    peak, stop = [read()], threading.Event()

    def watch() -> None:
        while not stop.wait(_POLL_INTERVAL):
            peak[0] = max(peak[0], read())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def percentile_95(values: Sequence[float]) -> float:
    """Return the 95th percentile; infinite without values."""
    # Without interpolation, which is undefined between finite and infinite values.
    return float(np.quantile(values, 0.95, method="higher")) if values else inf

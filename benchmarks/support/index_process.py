"""Runs `whenanime index` as a process of its own, to be killed or waited for."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Self

from whenanime_pipeline.core.files import write_text
from whenanime_pipeline.core.home import Home

_POLL_INTERVAL = 0.001
"""Seconds between checks whether to kill the process."""
_TIMEOUT = 1800.0
"""Longest duration of a run, in seconds."""


@dataclass(frozen=True, slots=True)
class FinishedProcess:
    """A process that has ended.

    Attributes:
        exit_code: exit code; minus the signal's number if it was killed.
        output: everything that it printed.
        seconds: duration.
    """

    exit_code: int
    output: str
    seconds: float


class IndexProcess:
    """A running `whenanime index`; a context manager that kills it at the end."""

    def __init__(self, home: Home, videos: Path) -> None:
        """Start the command."""
        command = Path(sys.executable).with_name("whenanime")
        self._began = perf_counter()
        self._process = subprocess.Popen(
            [str(command), "index", "--home", str(home.root), "--videos", str(videos)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"COLUMNS": "200"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def kill_after(self, second: float) -> FinishedProcess | None:
        """Send SIGKILL at a time in seconds after the start.

        Returns:
            The finished process if it ended before; None if it was killed.
        """
        try:
            output, _ = self._process.communicate(
                timeout=max(0.0, second - (perf_counter() - self._began))
            )
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.communicate()
            return None
        return FinishedProcess(self._process.returncode, output, perf_counter() - self._began)

    def kill_when(self, reached: Callable[[], bool]) -> FinishedProcess | None:
        """Send SIGKILL as soon as a condition holds; it is checked a thousand times per second.

        Returns:
            The finished process if it ended before; None if it was killed.
        """
        while not reached():
            try:
                output, _ = self._process.communicate(timeout=_POLL_INTERVAL)
            except subprocess.TimeoutExpired:
                continue
            return FinishedProcess(self._process.returncode, output, perf_counter() - self._began)
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()
        return None

    def wait(self) -> FinishedProcess:
        """Wait until the process ends."""
        output, _ = self._process.communicate(timeout=_TIMEOUT)
        return FinishedProcess(self._process.returncode, output, perf_counter() - self._began)


def run_index(home: Home, videos: Path) -> FinishedProcess:
    """Run `whenanime index` and wait for it."""
    with IndexProcess(home, videos) as run:
        return run.wait()


def use_model(home: Home, model: Path) -> None:
    """Make a home use the model in a folder elsewhere."""
    write_text(home.models / "IN_USE", f"{model.resolve()}\n")

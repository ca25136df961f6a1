"""The `whenanime` command, run as people run it: as a process of its own."""

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

_LOOK_EVERY = 0.001  # seconds
_LONGEST = 1800.0  # seconds: no run of a benchmark takes half an hour


@dataclass(frozen=True, slots=True)
class FinishedProcess:
    """A run that has ended.

    Attributes:
        exit_code: minus the signal's number for a killed one.
        output: all it printed.
        seconds: it took.
    """

    exit_code: int
    output: str
    seconds: float


class IndexProcess:
    """`whenanime index` on its way."""

    def __init__(self, home: Home, videos: Path) -> None:
        """Start it."""
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
        """Send SIGKILL so many seconds after the start.

        Returns:
            How it ended, if it ended before; None when it was killed.
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
        """Send SIGKILL as soon as something is so; looks a thousand times a second.

        Returns:
            How it ended, if it ended before; None when it was killed.
        """
        while not reached():
            try:
                output, _ = self._process.communicate(timeout=_LOOK_EVERY)
            except subprocess.TimeoutExpired:
                continue
            return FinishedProcess(self._process.returncode, output, perf_counter() - self._began)
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()
        return None

    def wait(self) -> FinishedProcess:
        """Wait for its end."""
        output, _ = self._process.communicate(timeout=_LONGEST)
        return FinishedProcess(self._process.returncode, output, perf_counter() - self._began)


def run_index(home: Home, videos: Path) -> FinishedProcess:
    """Run `whenanime index` to its end."""
    with IndexProcess(home, videos) as run:
        return run.wait()


def use_model(home: Home, model: Path) -> None:
    """Have a home use a model that lies elsewhere."""
    write_text(home.models / "IN_USE", f"{model.resolve()}\n")

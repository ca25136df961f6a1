"""Runs `whenanime up` of a build on a library of its own, and measures it at rest."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import httpx

from benchmarks.support.app_process import HOST, AppProcess, free_port
from benchmarks.support.context import BenchmarkError

_POLL_INTERVAL = 1.0
_PATIENCE = 900.0
"""Seconds that `up` is given to find something."""


@dataclass(frozen=True, slots=True)
class Build:
    """A build of this project.

    Attributes:
        name: for figures.
        python_path: `PYTHONPATH` under which it is found.
    """

    name: str
    python_path: str


class IdleServer:
    """A running `whenanime up`; a context manager that stops it.

    Args:
        build: that is run.
        folder: of its home and its videos, which exists and has `videos`.
    """

    def __init__(self, build: Build, folder: Path) -> None:
        self.build = build
        self.videos = folder / "videos"
        port = free_port()
        dagster_port = free_port()
        command = [
            *(sys.executable, "-m", "whenanime_pipeline", "up"),
            *("--home", str(folder / "home"), "--videos", str(self.videos)),
            *("--host", HOST, "--port", str(port), "--dagster-port", str(dagster_port)),
        ]
        self._process = AppProcess(
            command, port=port, environment={"PYTHONPATH": build.python_path}
        )

    def __enter__(self) -> "IdleServer":
        self._process.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()

    @property
    def written_bytes(self) -> int:
        """Bytes that it has written to the disk, with all that it started and that still runs."""
        return self._process.written_bytes

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds that it has used."""
        return self._process.cpu_seconds

    def wait_for_episodes(self, count: int) -> float:
        """Wait until so many episodes can be searched; return the seconds that it took.

        Raises:
            BenchmarkError: they never can be.
        """
        began = perf_counter()
        while perf_counter() - began < _PATIENCE:
            status = httpx.get(f"{self._process.url}/status", timeout=60).json()
            if status.get("episodes", 0) >= count:
                return perf_counter() - began
            sleep(_POLL_INTERVAL)
        raise BenchmarkError(f"{self.build.name}: {count} episodes were not found")

    def drop_in(self, video: Path, name: str) -> None:
        """Copy a video into the folder."""
        shutil.copyfile(video, self.videos / name)

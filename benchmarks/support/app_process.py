"""Runs the app as a process of its own, and reads its memory and CPU time."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter, sleep
from types import TracebackType
from typing import Self

import httpx
import psutil

from benchmarks.support.context import BenchmarkError

HOST = "127.0.0.1"
_STARTUP_TIMEOUT = 120.0
"""Seconds to wait for the first response."""
_POLL_INTERVAL = 0.01
"""Seconds between requests while the server starts."""


class AppProcess:
    """A server process; a context manager that waits for its first response and stops it.

    Attributes:
        port: port that it listens on.
        startup_seconds: seconds from the start of the process to its first response, the page.
        output: everything that it printed, once it has ended.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int,
        environment: Mapping[str, str],
        folder: Path | None = None,
    ) -> None:
        """Start the process.

        Args:
            command: command to run.
            port: port that the command listens on.
            environment: variables in addition to this process' own.
            folder: working directory; None for this process' own.
        """
        self.port = port
        self.startup_seconds = 0.0
        self.output = ""
        # A file, as nothing would read a pipe while the server runs.
        self._output = TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._began = perf_counter()
        self._process = subprocess.Popen(
            command,
            env=os.environ | environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self._ps_process = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        with httpx.Client(timeout=_STARTUP_TIMEOUT) as client:
            while perf_counter() - self._began < _STARTUP_TIMEOUT:
                try:
                    client.get(f"{self.url}/").raise_for_status()
                except httpx.TransportError:
                    if self._process.poll() is not None:
                        break
                    sleep(_POLL_INTERVAL)
                else:
                    self.startup_seconds = perf_counter() - self._began
                    return self
        self.stop()
        raise BenchmarkError(f"the app did not start:\n{self.output}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """URL of the server."""
        return f"http://{HOST}:{self.port}"

    @property
    def is_alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    @property
    def private_bytes(self) -> int:
        """Private bytes (resident less shared) of the process and its children."""
        memories = [one.memory_info() for one in self._family()]
        return sum(int(memory.rss - memory.shared) for memory in memories)

    @property
    def mapped_bytes(self) -> int:
        """Resident bytes of mapped files.

        Children map the same files, so this is the largest of all processes, not the sum.
        """
        return max(int(one.memory_info().shared) for one in self._family())

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds that the process and its children have used."""
        times = [one.cpu_times() for one in self._family()]
        return sum(float(one.user + one.system) for one in times)

    @property
    def written_bytes(self) -> int:
        """Bytes that the process and its children have written to the disk."""
        return sum(int(one.io_counters().write_bytes) for one in self._family())

    def _family(self) -> list[psutil.Process]:
        return [self._ps_process, *self._ps_process.children(recursive=True)]

    def stop(self) -> None:
        """Interrupt the process and wait until it has ended; kill it after 30 seconds."""
        if self._output.closed:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.seek(0)
        self.output = self._output.read()
        self._output.close()


def free_port() -> int:
    """Return a free port on the loopback interface."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def start_app(home: Path, videos: Path | None, environment: Mapping[str, str] = {}) -> AppProcess:
    """Start the app on a home, on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "whenanime_app", "--home", str(home), "--port", str(port)]
    if videos is not None:
        command += ["--videos", str(videos)]
    return AppProcess(command, port=port, environment=environment)

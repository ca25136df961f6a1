"""The app as people run it: a process of its own, watched from outside."""

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
_PATIENCE = 120.0
_LOOK_EVERY = 0.01  # seconds between looks whether it answers


class AppProcess:
    """A server, from its start to its end; a context manager.

    Attributes:
        port: it listens on.
        startup_seconds: seconds from the start of the process to its first answer, the page.
        output: all it has printed, once it has ended.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int,
        environment: Mapping[str, str],
        folder: Path | None = None,
    ) -> None:
        """Start it.

        Args:
            command: what to run.
            port: that it will listen on.
            environment: next to this process' own.
            folder: to run it in; None for this process' own.
        """
        self.port = port
        self.startup_seconds = 0.0
        self.output = ""
        # A file and not a pipe: nobody empties it while the server runs.
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
        self._watched = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        with httpx.Client(timeout=_PATIENCE) as client:
            while perf_counter() - self._began < _PATIENCE:
                try:
                    client.get(f"{self.url}/").raise_for_status()
                except httpx.TransportError:
                    if self._process.poll() is not None:
                        break
                    sleep(_LOOK_EVERY)
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
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def private_bytes(self) -> int:
        """Bytes of memory of its own, and of the processes it has: what cannot be taken back."""
        memories = [one.memory_info() for one in self._family()]
        return sum(int(memory.rss - memory.shared) for memory in memories)

    @property
    def mapped_bytes(self) -> int:
        """Bytes of files that are mapped and in memory, as long as nobody needs it.

        Its processes map the same files, so that they are not counted once more.
        """
        return max(int(one.memory_info().shared) for one in self._family())

    @property
    def cpu_seconds(self) -> float:
        """Seconds of processor that it and its processes have used."""
        times = [one.cpu_times() for one in self._family()]
        return sum(float(one.user + one.system) for one in times)

    def _family(self) -> list[psutil.Process]:
        return [self._watched, *self._watched.children(recursive=True)]

    def stop(self) -> None:
        """Tell it to end, and wait for that."""
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
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def start_app(home: Path, videos: Path | None, environment: Mapping[str, str] = {}) -> AppProcess:
    """Return a server of a home, about to start."""
    port = free_port()
    command = [sys.executable, "-m", "whenanime_app", "--home", str(home), "--port", str(port)]
    if videos is not None:
        command += ["--videos", str(videos)]
    return AppProcess(command, port=port, environment=environment)

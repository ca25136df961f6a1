"""Calls a function that may never return, in a process with a time limit."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from whenanime_pipeline.core.library.episode import EpisodeName

Parse = Callable[[str], EpisodeName | None]


class GuardedFunction:
    """A parser of one name whose call returns None when it takes too long or fails."""

    def __init__(self, function: Parse, seconds: float) -> None:
        """Take a function.

        Args:
            function: of a module's top level, as a process imports it.
            seconds: time limit of a call; not of the process's start.
        """
        self._function = function
        self._seconds = seconds
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    def __call__(self, path: str) -> EpisodeName | None:
        """Return the answer, or None when there was none in time; then the process is replaced."""
        connection = self._ensure_process()
        connection.send(path)
        if not connection.poll(self._seconds):
            self.close()
            return None
        answer: EpisodeName | None = connection.recv()
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None

    def _ensure_process(self) -> Connection:
        if self._connection is None:
            context = multiprocessing.get_context("spawn")
            self._connection, theirs = context.Pipe()
            self._process = context.Process(
                target=_serve, args=(theirs, self._function), daemon=True
            )
            self._process.start()
            theirs.close()
            self._connection.recv()  # it is ready
        return self._connection


def _serve(connection: Connection, function: Parse) -> None:
    connection.send(None)
    while True:
        try:
            path = connection.recv()
        except EOFError:
            return
        try:
            answer = function(path)
        except Exception:  # noqa: BLE001 - the parser's failure is its answer
            answer = None
        connection.send(answer)

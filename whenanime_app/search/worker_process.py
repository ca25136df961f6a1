"""The server's end of a process that searches beside the server's own.

Comparing a screenshot with hundreds of stored frames is thousands of calls of a tenth of a
millisecond, and the interpreter's lock has to change hands for each: two threads of one process
answer 1.4 times as many searches as one, and two processes answer twice as many.

Questions and replies are pickles, one after the other, on the process' standard input and output;
`search_child` is the other end.
"""

import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from whenanime_app.errors import BusyError
from whenanime_app.search.searcher import Answer
from whenanime_pipeline.core.search.query.filters import NO_FILTER, Filter

WORKER_MODULE = "whenanime_app.search.worker_main"
SEARCH_TIMEOUT, LOAD_TIMEOUT = 30.0, 300.0
"""Seconds that a search, and loading an index, may take: a hundred times what they do. A process
that takes longer hangs, and is ended."""
_EXIT_TIMEOUT = 5.0
"""Seconds until a process that was told to end is made to."""


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """What a process is asked.

    Attributes:
        snapshot_id: the id of what is searched; None: of nothing yet.
        data: a file as it was uploaded; None: to load the snapshot, and no more.
        only: the episodes that are searched.
        limit: scenes at most.
    """

    snapshot_id: str | None
    data: bytes | None = None
    only: Filter = NO_FILTER
    limit: int = 0


WorkerReply = Answer | Exception | None
"""What it replies: an exception as whoever asked is to be told, and nothing when it has loaded."""


class WorkerExitedError(BusyError):
    """The process ended in the middle of a search, or was ended because it took too long."""


class NeedsServerProcessError(Exception):
    """A picture has to be decoded where no two such are at once: in the server's own process."""


class SnapshotNotLoadedError(Exception):
    """The process cannot load the snapshot; the message says why."""


class WorkerProcess:
    """The server's end: one question at a time, from one thread at a time."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    @classmethod
    def start(cls, home: Path, ef: int | None) -> Self:
        """Start a process; it is ready once it has replied.

        Args:
            home: the library's folder.
            ef: candidates while searching; None for as many as the library's options say.

        Raises:
            OSError: the system starts none.
        """
        # Modules are looked for where this process finds them, and never in the current folder.
        command = [sys.executable, "-P", "-m", WORKER_MODULE, str(home.absolute())]
        paths = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
        return cls(
            subprocess.Popen(
                command if ef is None else [*command, str(ef)],
                env=os.environ | {"PYTHONPATH": paths},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is the server's
            )
        )

    @property
    def pid(self) -> int:
        """The process' number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def call(self, request: WorkerRequest, timeout: float = SEARCH_TIMEOUT) -> WorkerReply:
        """Ask, and wait for the reply.

        Args:
            request: to ask.
            timeout: seconds after which the process is ended.

        Raises:
            ProcessGoneError: it ended meanwhile, or what it said is no reply. It must be closed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = threading.Timer(timeout, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            pickle.dump(request, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
            reply: WorkerReply = pickle.load(self._process.stdout)  # noqa: S301  (our own process)
        except Exception as error:  # half a pickle raises whatever it likes
            raise WorkerExitedError("a search failed; try again") from error
        finally:
            timer.cancel()
        return reply

    def kill(self) -> None:
        """End it at once, whatever it does; whoever waits for a reply is told."""
        self._process.kill()

    def close(self) -> None:
        """Tell it to end, and wait for that; nobody must be waiting for a reply."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):  # what was to be flushed has nobody to go to
            self._process.stdin.close()
        try:
            self._process.wait(_EXIT_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

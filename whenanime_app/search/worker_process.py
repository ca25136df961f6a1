"""Starts a worker process and exchanges requests and replies with it, for the server.

Comparing a query with hundreds of reference frames takes thousands of calls of a tenth of a
millisecond, and each takes and releases the interpreter's lock: two threads of one process answer
1.4 times as many searches as one, and two processes answer twice as many.

Requests and replies are pickles on the process' standard input and output, one after the other;
`worker_main` is the other end.
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

import numpy as np
from numpy.typing import NDArray

from whenanime_app.errors import BusyError
from whenanime_app.search.searcher import Answer
from whenanime_pipeline.core.characters.found_faces import FoundFaces
from whenanime_pipeline.core.search.query.filters import NO_FILTER, Filter

WORKER_MODULE = "whenanime_app.search.worker_main"
SEARCH_TIMEOUT, LOAD_TIMEOUT = 30.0, 300.0
"""Seconds that a search, and loading an index, may take: a hundred times their usual duration.
A process that takes longer hangs and is killed."""
_EXIT_TIMEOUT = 5.0
"""Seconds from the request to exit until a process is killed."""


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """Request to a worker process.

    Attributes:
        snapshot_id: id of the snapshot to search; None before the first one.
        data: bytes of an uploaded file; None only loads the snapshot.
        only: filter on the episodes to search.
        limit: maximum number of scenes.
    """

    snapshot_id: str | None
    data: bytes | None = None
    only: Filter = NO_FILTER
    limit: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class FindFacesRequest:
    """Request to find the faces of a picture; no snapshot is needed.

    Attributes:
        picture: RGB, `(height, width, 3)`.
    """

    picture: NDArray[np.uint8]


WorkerReply = Answer | FoundFaces | Exception | None
"""Reply: the answer, an exception for the caller to raise, or None once a snapshot is loaded."""


class WorkerExitedError(BusyError):
    """The process exited during a search, or was killed because it took too long."""


class NeedsServerProcessError(Exception):
    """A large picture must be decoded in the server's process, which decodes one at a time."""


class SnapshotNotLoadedError(Exception):
    """The process cannot load the snapshot; the message says why."""


class WorkerProcess:
    """A worker process as the server sees it: one request at a time, from one thread at a time."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    @classmethod
    def start(cls, home: Path, ef: int | None) -> Self:
        """Start a process; it is ready once it has replied.

        Args:
            home: home of the library.
            ef: as `AppSettings.ef`.

        Raises:
            OSError: the process cannot be started.
        """
        # Modules are imported from this process' paths, and never from the current folder.
        command = [sys.executable, "-P", "-m", WORKER_MODULE, str(home.absolute())]
        paths = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
        return cls(
            subprocess.Popen(
                command if ef is None else [*command, str(ef)],
                env=os.environ | {"PYTHONPATH": paths},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C reaches the server only
            )
        )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def call(
        self, request: WorkerRequest | FindFacesRequest, timeout: float = SEARCH_TIMEOUT
    ) -> WorkerReply:
        """Send a request and wait for the reply.

        Args:
            request: request to send.
            timeout: seconds after which the process is killed.

        Raises:
            WorkerExitedError: the process exited or sent no valid reply. It must be closed.
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
        except Exception as error:  # a truncated pickle may raise anything
            raise WorkerExitedError("a search failed; try again") from error
        finally:
            timer.cancel()
        return reply

    def kill(self) -> None:
        """Kill the process at once; a waiting `call` raises `WorkerExitedError`."""
        self._process.kill()

    def close(self) -> None:
        """End the process and wait until it has exited; no `call` may be waiting."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):  # the process may have exited with unread input
            self._process.stdin.close()
        try:
            self._process.wait(_EXIT_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

"""Distributes one server's searches over its own process and worker processes.

Pebble 5.2.3 was measured instead: as much processor time per search, and 0.1 ms more per call on
0.2. It replaces a hung worker 3 s late but without a delay, gives up its pool when a worker cannot
load, and names no idle worker, so most of this module would stay.
"""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import inf
from pathlib import Path
from time import monotonic

from whenanime_app.errors import NothingIndexedError
from whenanime_app.search.searcher import Answer, Searcher
from whenanime_app.search.worker_process import (
    LOAD_TIMEOUT,
    NeedsServerProcessError,
    SnapshotNotLoadedError,
    WorkerExitedError,
    WorkerProcess,
    WorkerReply,
    WorkerRequest,
)
from whenanime_pipeline.core.media.query_picture import is_video
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.search.snapshot.plan import INDEX_FILE
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

RESTART_DELAY = 30.0
"""Seconds until an exited worker is replaced: the cause may end the next one too."""
LARGE_INDEX_BYTES = 512 << 20
"""Bytes of an index (of 800,000 frames) above which workers are used only if configured."""
_MAX_PROCESSES, _BYTES_PER_PROCESS = 4, 512 << 20
"""Default limit of searching processes, and bytes of memory for each: within 600 MB, two processes
answer half as many searches as one."""
_STOP_GRACE = 5.0
"""Seconds that running searches get to finish when the server ends."""

_LOG = logging.getLogger(__name__)


def choose_process_count(cores: int, memory: int | None) -> int:
    """Return the default number of worker processes: one for each core after the first.

    Args:
        cores: usable cores.
        memory: usable bytes of memory; None where unknown.
    """
    fitting = _MAX_PROCESSES if memory is None else memory // _BYTES_PER_PROCESS
    return max(0, min(cores, fitting, _MAX_PROCESSES) - 1)


class SearcherPool:
    """Searches in this process when it is idle, else in a worker process.

    Attributes:
        in_process_searcher: searcher of this process; its snapshot is the one that workers search.
    """

    def __init__(
        self,
        in_process_searcher: Searcher,
        home: Path,
        *,
        processes: int,
        max_index_bytes: float = inf,
        ef: int | None = None,
    ) -> None:
        """Make the pool; no worker is started yet.

        Args:
            in_process_searcher: searcher of this process.
            home: home of the library.
            processes: number of workers.
            max_index_bytes: bytes of an index above which no worker runs, as each loads a copy.
            ef: as `AppSettings.ef`.
        """
        self.in_process_searcher = in_process_searcher
        self._home = home
        self._max_processes = processes
        self._max_index_bytes = max_index_bytes
        self._ef = ef
        self._lock = threading.Lock()
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="whenanime-starts")
        self._measured_id: str | None = None
        self._target_count = processes
        self._starting_count = 0
        self._next_start_at = monotonic()
        self._running: set[WorkerProcess] = set()
        self._idle: list[WorkerProcess] = []
        self._in_process_searches = 0

    def start_missing(self) -> None:
        """Start missing workers in the background; each is used once it is ready.

        Until then, and where none can be started, this process runs all searches.
        """
        with self._lock:
            while self._missing_count and monotonic() >= self._next_start_at:
                self._starting_count += 1
                self._starter.submit(self._start_one)

    def find_scenes(self, data: bytes, only: Filter, limit: int) -> Answer:
        """Search for a picture; arguments, result and errors as `Searcher.find_scenes`.

        Raises:
            WorkerExitedError: the worker exited during the search. The search is not repeated
                elsewhere: the picture may be what ended the worker.
        """
        snapshot = self.in_process_searcher.get_engine().snapshot
        self._adapt_to_index_size(snapshot)
        self.start_missing()
        process = None if is_video(data) else self._take_idle()
        if process is not None:
            reply = self._call_worker(process, WorkerRequest(snapshot.id, data, only, limit))
            if isinstance(reply, Answer):
                return reply
            if not isinstance(reply, NeedsServerProcessError | SnapshotNotLoadedError):
                assert isinstance(reply, Exception)
                raise reply
        with self._count_in_process_search():
            return self.in_process_searcher.find_scenes(data, only, limit)

    def stop(self) -> None:
        """Start no more workers, close idle ones, and kill busy ones after a grace period."""
        with self._lock:
            self._target_count = self._max_processes = 0
            idle, self._idle = self._idle, []
            busy = self._running.difference(idle)
        self._starter.shutdown(wait=False, cancel_futures=True)
        for process in idle:
            self._close_worker(process)
        for process in busy:
            timer = threading.Timer(_STOP_GRACE, process.kill)
            timer.daemon = True
            timer.start()

    def close(self) -> None:
        """Wait until all workers have exited; no search may be running any more."""
        self.stop()
        self._starter.shutdown(wait=True)
        for process in list(self._running):
            self._close_worker(process)

    @property
    def _missing_count(self) -> int:
        return self._target_count - len(self._running) - self._starting_count

    def _adapt_to_index_size(self, snapshot: Snapshot) -> None:
        """Close workers when a new snapshot's index is too large to be loaded several times."""
        if snapshot.id == self._measured_id:
            return
        self._measured_id = snapshot.id
        try:
            large = (snapshot.folder / INDEX_FILE).stat().st_size > self._max_index_bytes
        except OSError:
            return  # deleted meanwhile; the next snapshot will be measured
        with self._lock:
            self._target_count = 0 if large else self._max_processes
            ending, self._idle = (self._idle, []) if large else ([], self._idle)
        for process in ending:
            self._close_worker(process)

    def _take_idle(self) -> WorkerProcess | None:
        """Return an idle worker if this process is searching; else None."""
        with self._lock:
            # Round robin, so that none keeps an old snapshot for long.
            process = self._idle.pop(0) if self._in_process_searches and self._idle else None
        if process is None or process.is_alive:
            return process
        self._discard_failed(f"process {process.pid} ended", process)
        return None

    def _call_worker(self, process: WorkerProcess, request: WorkerRequest) -> WorkerReply:
        try:
            reply = process.call(request)
        except WorkerExitedError as error:
            self._discard_failed(
                f"process {process.pid} ended in the middle of a search", process, error
            )
            raise
        if isinstance(reply, SnapshotNotLoadedError):
            self._discard_failed(
                f"process {process.pid} cannot load {request.snapshot_id}: {reply}", process
            )
        else:
            self._give_back(process)
        return reply

    def _give_back(self, process: WorkerProcess) -> None:
        with self._lock:
            wanted = len(self._running) <= self._target_count
            if wanted:
                self._idle.append(process)
        if not wanted:
            self._close_worker(process)

    @contextmanager
    def _count_in_process_search(self) -> Iterator[None]:
        with self._lock:
            self._in_process_searches += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_process_searches -= 1

    def _start_one(self) -> None:
        process: WorkerProcess | None = None
        try:
            process = WorkerProcess.start(self._home, self._ef)
            with self._lock:
                self._running.add(process)
                self._starting_count -= 1
            reply = process.call(WorkerRequest(self._find_published_id()), LOAD_TIMEOUT)
        except Exception as error:  # noqa: BLE001  (logged here; the executor would drop it)
            with self._lock:
                self._starting_count -= process is None
            self._discard_failed("no process could be started", process, error)
            return
        if isinstance(reply, Exception):
            self._discard_failed(f"process {process.pid} is not ready: {reply}", process)
        else:
            self._give_back(process)

    def _find_published_id(self) -> str | None:
        try:
            return self.in_process_searcher.get_engine().snapshot.id
        except NothingIndexedError:
            return None

    def _discard_failed(
        self, reason: str, process: WorkerProcess | None, error: Exception | None = None
    ) -> None:
        cause = None if error is None else error.__cause__ or error
        if self._max_processes:  # not while the server ends
            _LOG.warning(
                "searching with one process fewer for %.0f s: %s%s",
                RESTART_DELAY,
                reason,
                "" if cause is None else f" ({type(cause).__name__}: {cause})",
            )
        with self._lock:
            self._next_start_at = monotonic() + RESTART_DELAY
        if process is not None:
            self._close_worker(process)

    def _close_worker(self, process: WorkerProcess) -> None:
        process.close()
        with self._lock:
            self._running.discard(process)

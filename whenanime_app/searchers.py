"""All that search for one server: its own process, and some beside it."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from whenanime_app.search_process import NotHereError, ProcessGoneError, SearchProcess
from whenanime_app.searching import Answer, Searcher
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.filters import Filter
from whenanime_pipeline.core.search.manifest import latest_id
from whenanime_pipeline.core.search.plan import SEGMENT

RETRY_AFTER = 30.0
"""Seconds until a process that ended is replaced: what ended it may end the next."""

_MOST = 4
"""Processes that search, unless more are asked for."""
_LARGE_INDEX = 512 << 20
"""Bytes of an index, of 800,000 frames, from which on it is held only once unless that is asked."""

_LOG = logging.getLogger(__name__)


def processes_beside(home: Path, cores: int) -> int:
    """Return how many processes to search in beside the server's own: one a further core.

    Each holds the index once more, so there are few, and none where that is large.

    Args:
        home: the library's folder.
        cores: of the machine.
    """
    try:
        snapshots = Home(home).snapshots
        large = (snapshots / str(latest_id(snapshots)) / SEGMENT).stat().st_size > _LARGE_INDEX
    except OSError:
        large = False  # nothing is indexed yet
    return 0 if large else min(cores, _MOST) - 1


class Searchers:
    """Searches in this process while it searches for nothing else, else in one beside it.

    Attributes:
        own: searches in this process.
    """

    def __init__(self, own: Searcher, home: Path, *, processes: int, ef: int | None = None) -> None:
        """Put the parts together; nothing is started yet.

        Args:
            own: searches in this process.
            home: the library's folder.
            processes: beside this one.
            ef: candidates while searching; None for as many as the library's options say.
        """
        self.own = own
        self._home = home
        self._ef = ef
        self._missing = processes
        self._start_from = monotonic()
        self._idle: list[SearchProcess] = []
        self._searching_here = 0
        self._lock = threading.Lock()
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="whenanime-starts")

    def start(self) -> None:
        """Have the processes that are missing started; they are used once they are ready.

        Until then, and where none can be started, all is searched for in this process.
        """
        with self._lock:
            while self._missing and monotonic() >= self._start_from:
                self._missing -= 1
                self._starter.submit(self._start_one)

    def find(self, data: bytes, only: Filter, limit: int) -> Answer:
        """Search for a picture; as `Searcher.find`.

        Raises:
            ProcessGoneError: the process that searched ended.
        """
        self.start()
        with self._one() as process:
            if process is not None:
                try:
                    return process.find(data, only, limit)
                except NotHereError:
                    pass
            return self.own.find(data, only, limit)

    def close(self) -> None:
        """End the processes; nothing must be searched for any more."""
        self._starter.shutdown(wait=True, cancel_futures=True)
        for process in self._idle:
            process.close()
        self._idle.clear()

    @contextmanager
    def _one(self) -> Iterator[SearchProcess | None]:
        """Take an idle process while the block runs; None: this one."""
        with self._lock:
            here = not (self._searching_here and self._idle)
            process = None if here else self._idle.pop()
            self._searching_here += here
        if process is not None and not process.alive:
            self._lost(f"process {process.pid} ended", process)
            process = None
        try:
            yield process
        except ProcessGoneError:
            if process is not None:
                self._lost(f"process {process.pid} ended in the middle of a search", process)
            process = None
            raise
        finally:
            with self._lock:
                self._searching_here -= here
                if process is not None:
                    self._idle.append(process)

    def _start_one(self) -> None:
        try:
            process = SearchProcess.start(self._home, self._ef)
        except OSError as error:
            self._lost(f"no process can be started: {error}")
            return
        try:
            process.wait_until_ready()
        except ProcessGoneError:
            self._lost(f"process {process.pid} ended before it was ready", process)
        else:
            with self._lock:
                self._idle.append(process)

    def _lost(self, why: str, process: SearchProcess | None = None) -> None:
        if process is not None:
            process.close()
        _LOG.warning("searching with one process fewer for %.0f s: %s", RETRY_AFTER, why)
        with self._lock:
            self._missing += 1
            self._start_from = monotonic() + RETRY_AFTER

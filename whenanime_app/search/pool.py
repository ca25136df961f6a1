"""All that search for one server: its own process, and some beside it."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import inf
from pathlib import Path
from time import monotonic

from whenanime_app.errors import NothingIndexedError
from whenanime_app.search.searcher import Answer, Searcher, is_video
from whenanime_app.search.worker_process import (
    LOADING,
    NotHereError,
    NotLoadedError,
    ProcessGoneError,
    Question,
    Reply,
    SearchProcess,
)
from whenanime_pipeline.core.search.query.filters import Filter
from whenanime_pipeline.core.search.snapshot.plan import SEGMENT
from whenanime_pipeline.core.search.snapshot.snapshot import Snapshot

RETRY_AFTER = 30.0
"""Seconds until a process that ended is replaced: what ended it may end the next."""
LARGE_INDEX = 512 << 20
"""Bytes of an index, of 800,000 frames, from which on it is held only once unless that is asked."""
_MOST, _EACH = 4, 512 << 20
"""Processes that search, unless others are asked for, and bytes of memory for each: in 600 MB, two
answer half of what one does."""
_GRACE = 5.0
"""Seconds that searches under way may go on when the server ends."""

_LOG = logging.getLogger(__name__)


def processes_beside(cores: int, memory: int | None) -> int:
    """Return how many processes to search in beside the server's own: one a further core.

    Args:
        cores: that may be used.
        memory: bytes that may be used; None: nobody tells.
    """
    fitting = _MOST if memory is None else memory // _EACH
    return max(0, min(cores, fitting, _MOST) - 1)


class Searchers:
    """Searches in this process while it searches for nothing else, else in one beside it.

    Attributes:
        own: searches in this process, and says what is searched.
    """

    def __init__(
        self,
        own: Searcher,
        home: Path,
        *,
        processes: int,
        largest: float = inf,
        ef: int | None = None,
    ) -> None:
        """Put the parts together; nothing is started yet.

        Args:
            own: searches in this process.
            home: the library's folder.
            processes: beside this one.
            largest: bytes of an index beyond which there are none, as each holds it once more.
            ef: candidates while searching; None for as many as the library's options say.
        """
        self.own = own
        self._home = home
        self._most = processes
        self._largest = largest
        self._ef = ef
        self._lock = threading.Lock()
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="whenanime-starts")
        self._measured: str | None = None
        self._wanted = processes
        self._coming = 0
        self._start_from = monotonic()
        self._running: set[SearchProcess] = set()
        self._idle: list[SearchProcess] = []
        self._searching_here = 0

    def start(self) -> None:
        """Have the processes that are missing started; they are used once they are ready.

        Until then, and where none can be started, all is searched for in this process.
        """
        with self._lock:
            while self._missing and monotonic() >= self._start_from:
                self._coming += 1
                self._starter.submit(self._start_one)

    def find(self, data: bytes, only: Filter, limit: int) -> Answer:
        """Search for a picture; as `Searcher.find`.

        Raises:
            ProcessGoneError: the process that searched ended. It is not searched for elsewhere:
                what it ended of may be the picture.
        """
        snapshot = self.own.engine().snapshot
        self._measure(snapshot)
        self.start()
        process = None if is_video(data) else self._taken()
        if process is not None:
            reply = self._asked(process, Question(snapshot.id, data, only, limit))
            if isinstance(reply, Answer):
                return reply
            if not isinstance(reply, NotHereError | NotLoadedError):
                assert reply is not None
                raise reply
        with self._here():
            return self.own.find(data, only, limit)

    def stop(self) -> None:
        """Start no more, and end those that are not done soon with what they do."""
        with self._lock:
            self._wanted = self._most = 0
            idle, self._idle = self._idle, []
            busy = self._running.difference(idle)
        self._starter.shutdown(wait=False, cancel_futures=True)
        for process in idle:
            self._end(process)
        for process in busy:
            timer = threading.Timer(_GRACE, process.kill)
            timer.daemon = True
            timer.start()

    def close(self) -> None:
        """Wait until all have ended; nothing must be searched for any more."""
        self.stop()
        self._starter.shutdown(wait=True)
        for process in list(self._running):
            self._end(process)

    @property
    def _missing(self) -> int:
        return self._wanted - len(self._running) - self._coming

    def _measure(self, snapshot: Snapshot) -> None:
        """See to it that an index which is large is not held more than once."""
        if snapshot.id == self._measured:
            return
        self._measured = snapshot.id
        try:
            large = (snapshot.folder / SEGMENT).stat().st_size > self._largest
        except OSError:
            return  # it was cleared away meanwhile, and the next one will be measured
        with self._lock:
            self._wanted = 0 if large else self._most
            ending, self._idle = (self._idle, []) if large else ([], self._idle)
        for process in ending:
            self._end(process)

    def _taken(self) -> SearchProcess | None:
        """Return a process that has nothing to do, if this one has something; else None."""
        with self._lock:
            # In turn, so that none keeps an old snapshot for long.
            process = self._idle.pop(0) if self._searching_here and self._idle else None
        if process is None or process.alive:
            return process
        self._lost(f"process {process.pid} ended", process)
        return None

    def _asked(self, process: SearchProcess, question: Question) -> Reply:
        try:
            reply = process.ask(question)
        except ProcessGoneError as error:
            self._lost(f"process {process.pid} ended in the middle of a search", process, error)
            raise
        if isinstance(reply, NotLoadedError):
            self._lost(f"process {process.pid} cannot load {question.snapshot}: {reply}", process)
        else:
            self._give_back(process)
        return reply

    def _give_back(self, process: SearchProcess) -> None:
        with self._lock:
            wanted = len(self._running) <= self._wanted
            if wanted:
                self._idle.append(process)
        if not wanted:
            self._end(process)

    @contextmanager
    def _here(self) -> Iterator[None]:
        with self._lock:
            self._searching_here += 1
        try:
            yield
        finally:
            with self._lock:
                self._searching_here -= 1

    def _start_one(self) -> None:
        process: SearchProcess | None = None
        try:
            process = SearchProcess.start(self._home, self._ef)
            with self._lock:
                self._running.add(process)
                self._coming -= 1
            reply = process.ask(Question(self._published()), LOADING)
        except Exception as error:  # noqa: BLE001  (nobody else would hear of it)
            with self._lock:
                self._coming -= process is None
            self._lost("no process could be started", process, error)
            return
        if isinstance(reply, Exception):
            self._lost(f"process {process.pid} is not ready: {reply}", process)
        else:
            self._give_back(process)

    def _published(self) -> str | None:
        try:
            return self.own.engine().snapshot.id
        except NothingIndexedError:
            return None

    def _lost(
        self, why: str, process: SearchProcess | None, error: Exception | None = None
    ) -> None:
        cause = None if error is None else error.__cause__ or error
        if self._most:  # and not because the server ends
            _LOG.warning(
                "searching with one process fewer for %.0f s: %s%s",
                RETRY_AFTER,
                why,
                "" if cause is None else f" ({type(cause).__name__}: {cause})",
            )
        with self._lock:
            self._start_from = monotonic() + RETRY_AFTER
        if process is not None:
            self._end(process)

    def _end(self, process: SearchProcess) -> None:
        process.close()
        with self._lock:
            self._running.discard(process)

"""Keeps a search engine open on the newest published snapshot."""

import threading
from math import inf
from pathlib import Path
from time import monotonic

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.messages import Message, message_of
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.snapshot.manifest import read_latest_id
from whenanime_pipeline.core.search.snapshot.snapshot import check_files

POLL_INTERVAL = 1.0
"""Seconds between two reads of the pointer to the newest snapshot."""
RETRY_AFTER = 30.0
"""Seconds until a snapshot that failed to load is tried again: it may have been repaired, or the
machine was short of memory or file handles."""


class LiveEngine:
    """Search engine that is replaced whenever a newer snapshot is published.

    Safe to share between threads: the first caller loads a new snapshot, while the others still
    get the previous engine. A snapshot that fails verification is skipped: the last good one stays.

    Attributes:
        problem: why the newest snapshot could not be loaded; None when it was.
    """

    def __init__(self, home: Path, *, threads: int = 0, ef: int | None = None) -> None:
        """Set up without loading anything.

        Args:
            home: the home's folder.
            threads: threads of the network; 0: one a core.
            ef: candidates of the graph search; None for the value of the library's options.
        """
        self.problem_message: Message | None = None
        self._snapshots = Home(home).snapshots
        self._threads = threads
        self._ef = ef
        self._engine: SearchEngine | None = None
        self._tried: str | None = None
        self._retry_at = inf
        self._checked = -inf
        self._loading = threading.Lock()

    @property
    def problem(self) -> str | None:
        """The reason in English why the newest snapshot is not loaded; None when it is."""
        return None if self.problem_message is None else self.problem_message.text

    def engine(self) -> SearchEngine | None:
        """Return the newest engine that loads; None while nothing is published."""
        if monotonic() - self._checked < POLL_INTERVAL:
            return self._engine
        if self._loading.acquire(blocking=self._engine is None):
            try:
                self._check_pointer()
            finally:
                self._loading.release()
        return self._engine

    def _check_pointer(self) -> None:
        try:
            latest = read_latest_id(self._snapshots)
            if latest is not None and (latest != self._tried or monotonic() >= self._retry_at):
                self._tried = latest
                self._load(self._snapshots / latest)
        except (SearchError, OSError, MemoryError) as error:
            self.problem_message = message_of(error)
            self._retry_at = monotonic() + RETRY_AFTER
        self._checked = monotonic()

    def _load(self, folder: Path) -> None:
        check_files(folder)
        self._engine = SearchEngine.open(folder, threads=self._threads, ef=self._ef)
        self._retry_at = inf
        self.problem_message = None

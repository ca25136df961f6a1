"""The newest published snapshot, swapped between two requests."""

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
"""Seconds between looks at the pointer."""
RETRY_AFTER = 30.0
"""Seconds until a snapshot that could not be loaded is tried again: it may have been mended, or
the machine had no memory or no handles to spare."""


class LiveEngine:
    """Answers with what is published, and follows when something newer is.

    A snapshot that does not verify is not taken: the last good one stays, and `problem` says why.
    A new one is loaded by whoever asks first, while everyone else still gets the old one.
    """

    def __init__(self, home: Path, *, threads: int = 0, ef: int | None = None) -> None:
        """Look into a home; nothing is loaded yet.

        Args:
            home: the library's folder.
            threads: for the network; 0: one a core.
            ef: candidates while searching; None for as many as the library's options say.
        """
        self.problem_message: Message | None = None
        self._snapshots = Home(home).snapshots
        self._threads = threads
        self._ef = ef
        self._engine: SearchEngine | None = None
        self._tried: str | None = None
        self._retry_at = inf
        self._looked = -inf
        self._loading = threading.Lock()

    @property
    def problem(self) -> str | None:
        """The reason in English why the newest snapshot is not loaded; None when it is."""
        return None if self.problem_message is None else self.problem_message.text

    def engine(self) -> SearchEngine | None:
        """Return the newest engine that can be had; None while nothing is published."""
        if monotonic() - self._looked < POLL_INTERVAL:
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
        self._looked = monotonic()

    def _load(self, folder: Path) -> None:
        check_files(folder)
        self._engine = SearchEngine.open(folder, threads=self._threads, ef=self._ef)
        self._retry_at = inf
        self.problem_message = None

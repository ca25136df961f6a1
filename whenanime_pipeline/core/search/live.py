"""The newest published snapshot, swapped between two requests."""

import threading
from pathlib import Path
from time import monotonic

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.search.engine import SearchEngine
from whenanime_pipeline.core.search.errors import SearchError
from whenanime_pipeline.core.search.manifest import latest_id
from whenanime_pipeline.core.search.snapshot import check_files

LOOK_EVERY = 1.0
"""Seconds between looks at the pointer."""


class LiveEngine:
    """Answers with what is published, and follows when something newer is.

    A snapshot that does not verify is not taken: the last good one stays, and `problem` says why.
    A new one is loaded by whoever asks first, while everyone else still gets the old one.
    """

    def __init__(self, home: Path, *, threads: int = 0) -> None:
        """Look into a home; nothing is loaded yet.

        Args:
            home: the library's folder.
            threads: for the network; 0: one a core.
        """
        self.problem: str | None = None
        self._snapshots = Home(home).snapshots
        self._threads = threads
        self._engine: SearchEngine | None = None
        self._tried: str | None = None
        self._looked = float("-inf")
        self._loading = threading.Lock()

    def engine(self) -> SearchEngine | None:
        """Return the newest engine that can be had; None while nothing is published."""
        if monotonic() - self._looked < LOOK_EVERY:
            return self._engine
        if self._loading.acquire(blocking=self._engine is None):
            try:
                self._look()
            finally:
                self._loading.release()
        return self._engine

    def _look(self) -> None:
        latest = latest_id(self._snapshots)
        if latest is not None and latest != self._tried:
            folder = self._snapshots / latest
            try:
                check_files(folder)
                self._engine = SearchEngine.open(folder, threads=self._threads)
                self.problem = None
            except (SearchError, OSError) as error:
                self.problem = str(error)
            # Not tried again until another one is published: it would only fail again.
            self._tried = latest
        self._looked = monotonic()

"""What assets and sensors are given: the library's places, and someone to tell of progress."""

import logging
from pathlib import Path
from typing import Protocol

import dagster as dg

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.workspace import Workspace

LOGGER = "whenanime"
"""Dagster shows this logger's lines among a run's events."""


class LibraryResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where one library lives."""

    home_folder: str
    videos_folder: str

    def open(self) -> Workspace:
        """Return the library, to be opened piece by piece; its model is loaded once a run."""
        return Workspace(Home(Path(self.home_folder)), Path(self.videos_folder))


class Reporter(Protocol):
    """Someone who watches a run: a progress bar, or the log."""

    def begin(self, path: str) -> None:
        """Work on an episode begins."""

    def reading(self, second: float, duration: float) -> None:
        """Its video has been read so far; the duration is 0 when unknown."""

    def embedding(self, done: float, frames: float) -> None:
        """So many of its frames are embedded."""

    def failed(self, path: str, reason: str) -> None:
        """It cannot be indexed."""

    def finished(self, path: str) -> None:
        """It is done."""


class LogReporter:
    """Tells the log, an episode a line."""

    def __init__(self) -> None:
        self._logger = logging.getLogger(LOGGER)

    def begin(self, path: str) -> None:
        """Log nothing: a line when it is done is enough."""

    def reading(self, second: float, duration: float) -> None:
        """Log nothing."""

    def embedding(self, done: float, frames: float) -> None:
        """Log nothing."""

    def failed(self, path: str, reason: str) -> None:
        """Log an error."""
        self._logger.error("%s: %s", path, reason)

    def finished(self, path: str) -> None:
        """Log that it is done."""
        self._logger.info("%s: indexed", path)

"""Resources of assets and sensors: the library's folders, and reporters of progress."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import dagster as dg

from whenanime_pipeline.core.files import write_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.training.log import LogRow
from whenanime_pipeline.core.learning.training.progress import Progress
from whenanime_pipeline.core.workspace import Workspace

LOGGER_NAME = "whenanime"
"""Dagster shows this logger's lines among a run's events."""


class LibraryResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Where one library lives."""

    home_folder: str
    videos_folder: str

    def open(self) -> Workspace:
        """Return the library, to be opened piece by piece; its model is loaded once a run."""
        return Workspace(Home(Path(self.home_folder)), Path(self.videos_folder))


class Library(Protocol):
    """Something that opens the library: a resource of Dagster's, or a run of this process."""

    def open(self) -> Workspace:
        """Return the library."""


@dataclass(frozen=True)
class SharedLibrary:
    """A workspace that all steps of runs in this process share: they read and plan once.

    Attributes:
        workspace: of the library.
    """

    workspace: Workspace

    def open(self) -> Workspace:
        """Return the one workspace."""
        return self.workspace


class Reporter(Protocol):
    """Someone who watches a run: a progress bar, or the log."""

    def on_episode_begin(self, path: str) -> None:
        """Work on an episode begins."""

    def on_video_progress(self, second: float, duration: float) -> None:
        """Its video has been read so far; the duration is 0 when unknown."""

    def on_embedding_progress(self, done: float, frames: float) -> None:
        """So many of its frames are embedded."""

    def on_local_features_progress(self, done: float, frames: float) -> None:
        """The local features of so many of its key frames are there."""

    def on_training_frames_progress(self, done: float, frames: float) -> None:
        """So many of its training frames are taken."""

    def on_themes_progress(self, series: str, done: int, episodes: int) -> None:
        """The themes of a season are looked for: so many of its episodes have their tracks."""

    def on_faces_progress(self, done: float, frames: float) -> None:
        """Faces were looked for in so many of its frames."""

    def on_episode_failure(self, path: str, reason: str) -> None:
        """It cannot be indexed."""

    def on_episode_end(self, path: str) -> None:
        """It is done."""


class LogReporter:
    """Tells the log, an episode a line, and the home which episode is worked on.

    Args:
        home: of the library; None to tell the log alone.
    """

    def __init__(self, home: Home | None = None) -> None:
        self._logger = logging.getLogger(LOGGER_NAME)
        self._home = home

    def on_episode_begin(self, path: str) -> None:
        """Note which episode is worked on; log nothing, a line when it is done is enough."""
        if self._home:
            write_json(self._home.in_progress_file, {"path": path})

    def on_video_progress(self, second: float, duration: float) -> None:
        """Log nothing."""

    def on_embedding_progress(self, done: float, frames: float) -> None:
        """Log nothing."""

    def on_local_features_progress(self, done: float, frames: float) -> None:
        """Log nothing."""

    def on_training_frames_progress(self, done: float, frames: float) -> None:
        """Log nothing."""

    def on_themes_progress(self, series: str, done: int, episodes: int) -> None:
        """Log a season once its episodes have their tracks."""
        if done == episodes:
            self._logger.info("%s: finding the themes of %d episodes", series, episodes)

    def on_faces_progress(self, done: float, frames: float) -> None:
        """Log nothing."""

    def on_episode_failure(self, path: str, reason: str) -> None:
        """Log an error."""
        self._forget_episode()
        self._logger.error("%s: %s", path, reason)

    def on_episode_end(self, path: str) -> None:
        """Log that it is done."""
        self._forget_episode()
        self._logger.info("%s: done", path)

    def _forget_episode(self) -> None:
        if self._home:
            # Not removed: who looks now and then sees by the file's time that something ended.
            write_json(self._home.in_progress_file, {"path": None})


class TrainingReporter(Protocol):
    """Someone who watches a training: bars, or the log."""

    def on_preparation_progress(self, what: str, done: float, whole: float) -> None:
        """So much of what the training needs is there."""

    def on_step(self, progress: Progress) -> None:
        """A batch was learnt from."""

    def on_epoch(self, row: LogRow) -> None:
        """The model was judged: before training, which is row 0, or after an epoch."""


class LogTrainingReporter:
    """Tells the log, an epoch a line."""

    def __init__(self) -> None:
        self._logger = logging.getLogger(LOGGER_NAME)

    def on_preparation_progress(self, what: str, done: float, whole: float) -> None:
        """Log nothing."""

    def on_step(self, progress: Progress) -> None:
        """Log nothing."""

    def on_epoch(self, row: LogRow) -> None:
        """Log how it does."""
        self._logger.info("%s", format_log_row(row))


def format_log_row(row: LogRow) -> str:
    """Return a row of a training's log as a person reads it."""
    begun = "before training" if row.loss is None else f"epoch {row.epoch}: loss {row.loss:.4g}"
    return f"{begun}, top-1 {row.acc1:.1%}, top-5 {row.acc5:.1%}, MRR {row.mrr:.4f}"

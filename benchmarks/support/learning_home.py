"""The given films as a dataset, made the way a keeper makes it: what trainings learn from."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.support.library import index_home
from benchmarks.support.room import Room
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import load_dataset
from whenanime_pipeline.core.learning.dataset.extraction import bring_training_frames
from whenanime_pipeline.core.learning.dataset.options import (
    FrameOptions,
    SplitOptions,
    ViewOptions,
)
from whenanime_pipeline.core.learning.dataset.reading import read_pictures
from whenanime_pipeline.core.learning.dataset.split import make_dataset
from whenanime_pipeline.core.learning.dataset.stats import make_stats
from whenanime_pipeline.core.search.embedding.model_files import base_model
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.workspace import Workspace

Frames = Callable[[EpisodeStatus], FrameOptions]
"""Says which frames of a film are taken."""


def so_many(count: int) -> Frames:
    """Take as many frames of each film, as the seed does."""
    return lambda _: FrameOptions(count=count)


def every(seconds: float) -> Frames:
    """Take frames that lie so many seconds apart, from films of any length; two at least."""

    def frames(status: EpisodeStatus) -> FrameOptions:
        with FramesFile(status.frames_file) as stored:
            return FrameOptions(count=max(2, round(stored.report.duration / seconds)))

    return frames


def make_learning_home(room: Room, frames: Frames, split: SplitOptions, views: ViewOptions) -> Home:
    """Index the films' folder `library`, and make all that a training needs of it.

    Args:
        room: with the films; the home lies in its scratch folder.
        frames: of each film.
        split: of the episodes.
        views: of the validation frames.

    Raises:
        BenchmarkError: there is no such folder, or it could not be indexed whole.
        EpisodeError, DatasetError: its films give no dataset.
    """
    from whenanime_pipeline.core.learning.dataset.views import make_views

    room.say("indexing the films")
    workspace = Workspace(index_home(room, base_model()), room.library)
    home, statuses = workspace.home, workspace.statuses()
    room.say("taking frames and splitting them")
    for status in statuses:
        bring_training_frames(home, workspace.videos, status, frames(status))
    make_dataset(home, statuses, split)
    make_stats(home)
    make_views(home, views)
    return home


def write_pictures(home: Home, folder: Path) -> int:
    """Write the dataset's training frames as JPEG files, the stored bytes of each.

    Args:
        home: of the dataset.
        folder: to write to.

    Returns:
        The files written.
    """
    frames = load_dataset(home).training
    for number, jpeg in enumerate(read_pictures(home, frames)):
        (folder / f"{number:06}.jpg").write_bytes(jpeg)
    return len(frames)

"""Makes a dataset of the given films, as an operator does."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.support.context import BenchmarkContext
from benchmarks.support.indexed_films import index_home
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import load_dataset
from whenanime_pipeline.core.learning.dataset.extraction import ensure_training_frames
from whenanime_pipeline.core.learning.dataset.frame_reading import read_jpegs
from whenanime_pipeline.core.learning.dataset.options import (
    FrameOptions,
    SplitOptions,
    ViewOptions,
)
from whenanime_pipeline.core.learning.dataset.split import make_dataset
from whenanime_pipeline.core.learning.dataset.stats import make_stats
from whenanime_pipeline.core.search.embedding.model_files import base_model_folder
from whenanime_pipeline.core.search.frames.stored_frames import FramesFile
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.core.workspace import Workspace

FrameChooser = Callable[[EpisodeStatus], FrameOptions]
"""Returns the options of a film's training frames."""


def fixed_count(count: int) -> FrameChooser:
    """Take the same number of frames of each film, as the seed does."""
    return lambda _: FrameOptions(count=count)


def fixed_spacing(seconds: float) -> FrameChooser:
    """Take frames at a fixed distance in seconds, at least two of each film."""

    def frames(status: EpisodeStatus) -> FrameOptions:
        with FramesFile(status.frames_file) as stored:
            return FrameOptions(count=max(2, round(stored.report.duration / seconds)))

    return frames


def make_learning_home(
    room: BenchmarkContext, frames: FrameChooser, split: SplitOptions, views: ViewOptions
) -> Home:
    """Index the films' folder `library`, and make a dataset with validation views.

    Args:
        room: context of the benchmark; the home is in its scratch folder.
        frames: options of each film's frames.
        split: options of the split by episode.
        views: options of the validation views.

    Raises:
        BenchmarkError: there is no such folder, or indexing failed.
        EpisodeError, DatasetError: the films make no dataset.
    """
    from whenanime_pipeline.core.learning.dataset.validation_views import make_views

    room.log("indexing the films")
    workspace = Workspace(index_home(room, base_model_folder()), room.library_folder)
    home, statuses = workspace.home, workspace.load_statuses()
    room.log("taking frames and splitting them")
    for status in statuses:
        ensure_training_frames(home, workspace.videos_folder, status, frames(status))
    make_dataset(home, statuses, split)
    make_stats(home)
    make_views(home, views)
    return home


def write_pictures(home: Home, folder: Path) -> int:
    """Write the dataset's training frames as JPEG files, with their stored bytes.

    Args:
        home: home of the dataset.
        folder: folder to write to.

    Returns:
        Number of files written.
    """
    frames = load_dataset(home).training
    for number, jpeg in enumerate(read_jpegs(home, frames)):
        (folder / f"{number:06}.jpg").write_bytes(jpeg)
    return len(frames)

"""What a person wants to see of a dataset, as Dagster's metadata.

Only the bodies of assets import this: it draws.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import dagster as dg
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import Dataset, load_dataset
from whenanime_pipeline.core.learning.dataset.extraction import TrainingFramesResult
from whenanime_pipeline.core.learning.dataset.frame_reading import read_jpegs
from whenanime_pipeline.core.learning.dataset.stats import Stats
from whenanime_pipeline.core.learning.dataset.stored_training_frames import StoredTrainingFrames
from whenanime_pipeline.core.learning.dataset.stored_views import StoredViews, views_file
from whenanime_pipeline.core.learning.pictures import squeeze_to_square
from whenanime_pipeline.core.learning.report.charts import draw_view_pairs
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame
from whenanime_pipeline.core.search.frames.contact_sheet import pick_evenly, render_sheet
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.defs.metadata import (
    Metadata,
    float_value,
    image_value,
    list_value,
    table_value,
    throughput_metadata,
)

if TYPE_CHECKING:
    from whenanime_pipeline.core.learning.dataset.validation_views import ViewsResult

_PAIRS = 8  # of pictures and their augmented views on one sheet
_SIDE = 224  # pixels of a picture on such a sheet
_EPISODES = 500  # rows of a table: the UI is sent all of them


def training_frames_metadata(status: EpisodeStatus, done: TrainingFramesResult) -> Metadata:
    """Describe an episode's training frames, with a look at them."""
    with StoredTrainingFrames(done.path) as stored:
        shown = [decode_stored_frame(stored.picture(row)) for row in pick_evenly(len(stored))]
    metadata: Metadata = {
        "file": dg.MetadataValue.text(status.episode.path),
        "training frames": dg.MetadataValue.int(done.frames),
        "left out, show nothing": dg.MetadataValue.int(done.flat),
        "megabytes": float_value(done.bytes / 1e6, 2),
        "frames": image_value(render_sheet(shown), "jpeg"),
    }
    if done.warnings:
        metadata["warnings"] = list_value(done.warnings)
    return metadata | throughput_metadata(done.seconds, done.frames)


def dataset_metadata(dataset: Dataset) -> Metadata:
    """Describe a dataset: its halves, what was left out and why, and each episode."""
    episodes = dataset.episodes
    validating = sum(episode.part == "validation" for episode in episodes)
    metadata: Metadata = {
        "dataset": dg.MetadataValue.text(dataset.id),
        "training frames": dg.MetadataValue.int(len(dataset.training)),
        "validation frames": dg.MetadataValue.int(len(dataset.validation)),
        "training episodes": dg.MetadataValue.int(len(episodes) - validating),
        "validation episodes": dg.MetadataValue.int(validating),
        "left out, equal to another": dg.MetadataValue.int(sum(one.equal for one in episodes)),
        "left out, also in training": dg.MetadataValue.int(sum(one.shared for one in episodes)),
        "left out, show nothing": dg.MetadataValue.int(sum(one.flat for one in episodes)),
        "episodes": table_value(
            [
                {
                    "episode": one.path,
                    "half": one.part,
                    "frames": one.frames,
                    "kept": one.kept,
                    "equal": one.equal,
                    "also in training": one.shared,
                    "show nothing": one.flat,
                }
                for one in episodes[:_EPISODES]
            ]
        ),
    }
    if dataset.warnings:
        metadata["warnings"] = list_value(dataset.warnings)
    return metadata


def stats_metadata(stats: Stats) -> Metadata:
    """Describe the colours of the training frames."""
    colours = zip(("red", "green", "blue"), stats.mean, stats.std, strict=True)
    metadata: Metadata = {"frames measured": dg.MetadataValue.int(stats.samples)}
    for name, mean, std in colours:
        metadata[f"{name}, mean"] = float_value(mean, 2)
        metadata[f"{name}, deviation"] = float_value(std, 2)
    return metadata


def views_metadata(home: Home, done: "ViewsResult") -> Metadata:
    """Describe the augmented views of the validation frames, and show some."""
    frames = load_dataset(home).validation
    rows = [round(row) for row in np.linspace(0, len(frames) - 1, min(_PAIRS, len(frames)))]
    originals = _square(read_jpegs(home, [frames[row] for row in rows]))
    with StoredViews(views_file(home)) as views:
        augmented = _square(views.picture(row) for row in rows)
    return {
        "views": dg.MetadataValue.int(done.count),
        "made now": dg.MetadataValue.int(done.count - done.reused),
        "megabytes": float_value(done.bytes / 1e6, 2),
        "seconds of work": float_value(done.seconds, 2),
        "pairs": image_value(draw_view_pairs(originals, augmented, pairs=_PAIRS)),
    }


def _square(encoded: Iterable[bytes]) -> NDArray[np.uint8]:
    return np.stack([squeeze_to_square(decode_stored_frame(one), _SIDE) for one in encoded])

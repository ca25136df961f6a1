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
from whenanime_pipeline.core.learning.dataset.extraction import TrainingFramesDone
from whenanime_pipeline.core.learning.dataset.reading import read_pictures
from whenanime_pipeline.core.learning.dataset.stats import Stats
from whenanime_pipeline.core.learning.dataset.stored import StoredFrames
from whenanime_pipeline.core.learning.dataset.stored_views import StoredViews, views_file
from whenanime_pipeline.core.learning.pictures import squeezed
from whenanime_pipeline.core.learning.report.charts import sample_batches
from whenanime_pipeline.core.media.pictures import decode_small
from whenanime_pipeline.core.search.frames.contact_sheet import sheet_of, spread
from whenanime_pipeline.core.search.status import EpisodeStatus
from whenanime_pipeline.defs.metadata import Metadata, listed, number, picture, speed, table

if TYPE_CHECKING:
    from whenanime_pipeline.core.learning.dataset.views import ViewsDone

_PAIRS = 8  # of pictures and their twins on one sheet
_SIDE = 224  # pixels of a picture on such a sheet
_EPISODES = 500  # rows of a table: the UI is sent all of them


def training_frames_metadata(status: EpisodeStatus, done: TrainingFramesDone) -> Metadata:
    """Describe an episode's training frames, with a look at them."""
    with StoredFrames(done.path) as stored:
        shown = [decode_small(stored.picture(row)) for row in spread(len(stored))]
    metadata: Metadata = {
        "file": dg.MetadataValue.text(status.episode.path),
        "training frames": dg.MetadataValue.int(done.frames),
        "left out, show nothing": dg.MetadataValue.int(done.flat),
        "megabytes": number(done.bytes / 1e6, 2),
        "frames": picture(sheet_of(shown), "jpeg"),
    }
    if done.warnings:
        metadata["warnings"] = listed(done.warnings)
    return metadata | speed(done.seconds, done.frames)


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
        "episodes": table(
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
        metadata["warnings"] = listed(dataset.warnings)
    return metadata


def stats_metadata(stats: Stats) -> Metadata:
    """Describe the colours of the training frames."""
    colours = zip(("red", "green", "blue"), stats.mean, stats.std, strict=True)
    metadata: Metadata = {"frames measured": dg.MetadataValue.int(stats.samples)}
    for name, mean, std in colours:
        metadata[f"{name}, mean"] = number(mean, 2)
        metadata[f"{name}, deviation"] = number(std, 2)
    return metadata


def views_metadata(home: Home, done: "ViewsDone") -> Metadata:
    """Describe the validation frames' twins, with a look at some."""
    frames = load_dataset(home).validation
    rows = [round(row) for row in np.linspace(0, len(frames) - 1, min(_PAIRS, len(frames)))]
    originals = _square(read_pictures(home, [frames[row] for row in rows]))
    with StoredViews(views_file(home)) as views:
        twins = _square(views.picture(row) for row in rows)
    return {
        "views": dg.MetadataValue.int(done.count),
        "made now": dg.MetadataValue.int(done.count - done.reused),
        "megabytes": number(done.bytes / 1e6, 2),
        "seconds of work": number(done.seconds, 2),
        "pairs": picture(sample_batches(originals, twins, pairs=_PAIRS)),
    }


def _square(encoded: Iterable[bytes]) -> NDArray[np.uint8]:
    return np.stack([squeezed(decode_small(one), _SIDE) for one in encoded])

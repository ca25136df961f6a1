"""Statistics of the training frames: mean and standard deviation of each channel."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from whenanime_pipeline.core.files import write_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import DatasetFrame, load_dataset
from whenanime_pipeline.core.learning.dataset.frame_reading import map_pictures
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.pictures import Picture
from whenanime_pipeline.core.learning.training_data import Channels

MAX_SAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Stats:
    """Statistics of a dataset's training frames.

    Attributes:
        dataset: id of the dataset.
        mean: mean of the frames' mean gray levels, 0 to 255, red, green and blue.
        std: mean of the frames' standard deviations, in gray levels.
        samples: number of frames sampled.
    """

    dataset: str
    mean: Channels
    std: Channels
    samples: int


def make_stats(home: Home, *, max_samples: int = MAX_SAMPLES) -> Stats:
    """Compute and store statistics of the training frames of a home's dataset.

    Args:
        home: home of the library.
        max_samples: maximum number of frames. They are chosen by their digests: at random, yet the
            same every time, and mostly the same when an episode is added.

    Raises:
        DatasetError: `max_samples` is below 1; there is no dataset, or it does not fit its frames.
        OSError: the home cannot be written to.
    """
    if max_samples < 1:
        raise DatasetError(f"max_samples: must be at least 1, not {max_samples}")
    dataset = load_dataset(home)
    chosen = {frame.digest for frame in sorted(dataset.training, key=_digest)[:max_samples]}
    frames = [frame for frame in dataset.training if frame.digest in chosen]
    figures = np.array(list(map_pictures(home, frames, _mean_and_std)))
    (mean, std), samples = figures.mean(axis=0).round(4).tolist(), len(figures)
    stats = Stats(dataset.id, tuple(mean), tuple(std), samples)
    with home.lock("dataset"):
        write_json(stats_file(home), asdict(stats))
    return stats


def load_stats(home: Home) -> Stats:
    """Read the statistics of a home's dataset.

    Raises:
        DatasetError: there are none, or they are damaged.
    """
    path = stats_file(home)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Stats(**values | {"mean": tuple(values["mean"]), "std": tuple(values["std"])})
    except FileNotFoundError as error:
        raise DatasetError(
            f"{path}: there are no statistics yet; materialise dataset_stats"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: damaged; materialise dataset_stats again ({error})") from error


def stats_file(home: Home) -> Path:
    """Return where a dataset's statistics are stored."""
    return home.dataset / "stats.json"


def _digest(frame: DatasetFrame) -> str:
    return frame.digest


def _mean_and_std(picture: Picture) -> list[list[float]]:
    mean, std = cv2.meanStdDev(picture)
    return [mean[:, 0].tolist(), std[:, 0].tolist()]

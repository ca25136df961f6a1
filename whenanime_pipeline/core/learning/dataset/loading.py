"""Loads a dataset for training: checks that its parts fit, decodes them once, and maps them."""

import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.files import atomic_write, hash_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.arrays import read_rows, write_rows
from whenanime_pipeline.core.learning.dataset.dataset import Dataset, load_dataset
from whenanime_pipeline.core.learning.dataset.square_frames import (
    SquareFrames,
    read_square_frames,
    write_square_frames,
)
from whenanime_pipeline.core.learning.dataset.stats import load_stats, stats_file
from whenanime_pipeline.core.learning.dataset.stored_views import StoredViews, views_file
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.training_data import TrainingData
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame
from whenanime_pipeline.core.search.frames.extraction import Progress

_HALF = "-validation"  # suffix of a folder with the validation frames alone


def load_training_data(
    home: Home, *, side: int, training: bool = True, progress: Progress | None = None
) -> TrainingData:
    """Return a home's dataset as arrays, decoding it the first time.

    Args:
        home: home of the library.
        side: side of the squares in pixels.
        training: whether to load training pictures; without them, only the validation frames are
            decoded, to evaluate a model.
        progress: called with the pictures decoded and the pictures in all.

    Raises:
        DatasetError: a part of the dataset is missing, damaged, or of another dataset than the
            rest; the message says which asset to materialise again.
        OSError: the home cannot be written to.
    """
    dataset, stats = load_dataset(home), load_stats(home)
    if stats.dataset != dataset.id:
        raise DatasetError(
            f"{stats_file(home)}: made for another dataset; materialise dataset_stats again"
        )
    with StoredViews(views_file(home)) as views, home.lock("decoded"):
        if views.dataset != dataset.id:
            raise DatasetError(
                f"{views.path}: made for another dataset; materialise validation_views again"
            )
        squares = _load_square_frames(home, dataset, side, progress, training=training)
        pictures = _load_views(home, views)
        n = len(dataset.training) if training else 0
        return TrainingData(
            id=hash_json([dataset.id, views.id, stats.mean, stats.std]),
            pictures=squares.pictures[:n],
            thumbnails=squares.thumbnails[:n],
            originals=squares.pictures[n:],
            views=pictures,
            mean=stats.mean,
            std=stats.std,
            aspects=squares.aspects[:n],
            dataset=dataset.id,
        )


def _load_square_frames(
    home: Home, dataset: Dataset, side: int, progress: Progress | None, *, training: bool
) -> SquareFrames:
    """Return a dataset's squares, training frames first; squares of other datasets are deleted.

    Squares of the validation frames alone have a folder of their own until all are decoded.
    """
    decoded, count = _decoded_folder(home), len(dataset.training)
    frames = [*dataset.training, *dataset.validation]
    whole, half = (decoded / f"frames-{dataset.id}-{side}{end}" for end in ("", _HALF))
    folder = whole
    squares = read_square_frames(whole, len(frames), side)
    if squares is None and not training:
        folder, frames, count = half, list(dataset.validation), 0
        squares = read_square_frames(half, len(frames), side)
    if squares is None:
        older = {*decoded.glob(f"frames-*-{side}"), *decoded.glob(f"frames-*-{side}{_HALF}")}
        write_square_frames(
            home, folder, frames, side, older=sorted(older - {folder}), progress=progress
        )
        squares = read_square_frames(folder, len(frames), side)
    for other in [*decoded.glob("frames-*"), *decoded.glob(".frames-*.part")]:
        if not other.name.startswith(f"frames-{dataset.id}-") or (other, folder) == (half, whole):
            shutil.rmtree(other)  # processes that still read it keep their mapping
    if squares is None:
        raise DatasetError(f"{folder}: cannot be read back; check the disk")
    return squares if training else _drop_first(squares, count)


def _drop_first(squares: SquareFrames, count: int) -> SquareFrames:
    """Return squares without the first ones."""
    return SquareFrames(
        squares.pictures[count:], squares.thumbnails[count:], squares.aspects[count:]
    )


def _load_views(home: Home, views: StoredViews) -> NDArray[np.uint8]:
    """Return the validation views, `(m, size, size, 3)`; arrays of other views are deleted."""
    size = views.options.size
    shape = (len(views), size, size, 3)
    path = _decoded_folder(home) / f"views-{views.id}.npy"
    pictures = read_rows(path, shape, np.uint8)
    if pictures is None:
        with atomic_write(path) as part:
            rows = (decode_stored_frame(views.picture(row)) for row in range(len(views)))
            write_rows(part, rows, shape, np.uint8)
        pictures = read_rows(path, shape, np.uint8)
    for other in [
        *_decoded_folder(home).glob("views-*"),
        *_decoded_folder(home).glob(".views-*.part"),
    ]:
        if other != path:
            other.unlink()
    if pictures is None:
        raise DatasetError(f"{path}: cannot be read back; check the disk")
    return pictures


def _decoded_folder(home: Home) -> Path:
    return home.dataset / "decoded"

"""Reads and verifies the pictures of a dataset from the files of its episodes."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, islice
from pathlib import Path
from typing import TypeVar

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.dataset import DatasetFrame
from whenanime_pipeline.core.learning.dataset.stored_training_frames import (
    StoredTrainingFrames,
    compute_digest,
    training_frames_file,
)
from whenanime_pipeline.core.learning.errors import DatasetError
from whenanime_pipeline.core.learning.pictures import Picture
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame

Result = TypeVar("Result")

_AT_ONCE = 64  # encoded pictures in memory while they are decoded in parallel


def read_jpegs(home: Home, frames: Iterable[DatasetFrame]) -> Iterator[bytes]:
    """Yield the JPEGs of some frames, in their order.

    Args:
        home: home of the dataset.
        frames: frames of the dataset, those of one episode together, so that its file is opened
            once.

    Raises:
        DatasetError: the training frames of an episode are missing, damaged, or were made again
            since. A damaged file is deleted, to be made again.
    """
    for stored, frame in _open_each(home, frames):
        picture = stored.picture(frame.row)
        if compute_digest(picture) != frame.digest:
            stored.path.unlink(missing_ok=True)
            raise DatasetError(
                f"{stored.path}: damaged, and deleted; materialise training_frames again"
            )
        yield picture


def read_thumbnails(home: Home, frames: Iterable[DatasetFrame]) -> Iterator[Picture]:
    """Yield the `(36, 64)` gray thumbnails of some frames, in their order.

    Raises:
        DatasetError: the training frames of an episode are missing, damaged, or were made again
            since.
    """
    for stored, frame in _open_each(home, frames):
        yield stored.thumbnails[frame.row]


def map_pictures(
    home: Home, frames: Iterable[DatasetFrame], transform: Callable[[Picture], Result]
) -> Iterator[Result]:
    """Decode frames and apply a function to each, on all cores, in order.

    Args:
        home: home of the dataset.
        frames: frames, as for `read_jpegs`.
        transform: function of an RGB picture in its stored size; called from several threads.

    Raises:
        DatasetError: as from `read_jpegs`.
    """
    encoded = read_jpegs(home, frames)
    with ThreadPoolExecutor() as pool:
        while some := list(islice(encoded, _AT_ONCE)):
            yield from pool.map(lambda one: transform(decode_stored_frame(one)), some)


def open_frames(path: Path) -> StoredTrainingFrames:
    """Open the training frames of an episode that a dataset has.

    Raises:
        DatasetError: they are missing or damaged; the message says what to do.
    """
    try:
        return StoredTrainingFrames(path)
    except DatasetError as error:
        raise DatasetError(f"{error}; then materialise dataset") from error


def _open_each(
    home: Home, frames: Iterable[DatasetFrame]
) -> Iterator[tuple[StoredTrainingFrames, DatasetFrame]]:
    """Yield each frame with its open file, one file at a time."""
    for fingerprint, group in groupby(frames, key=lambda frame: frame.fingerprint):
        with open_frames(training_frames_file(home, fingerprint)) as stored:
            digests = stored.digests
            for frame in group:
                if frame.row >= len(digests) or digests[frame.row] != frame.digest:
                    raise DatasetError(
                        f"{stored.path}: made again after the dataset; materialise dataset again"
                    )
                yield stored, frame

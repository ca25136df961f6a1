"""The pictures of a dataset, read from the files of its episodes and checked on the way."""

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

_AT_ONCE = 64  # encoded pictures held in memory while they are decoded side by side


def read_jpegs(home: Home, frames: Iterable[DatasetFrame]) -> Iterator[bytes]:
    """Yield the JPEGs of some frames, in their order.

    Args:
        home: of the dataset.
        frames: of it; those of one episode together, so that its file is opened once.

    Raises:
        DatasetError: the training frames of an episode are missing, damaged, or were made anew
            since. A damaged file is taken away, to be made again.
    """
    for stored, frame in _open_each(home, frames):
        picture = stored.picture(frame.row)
        if compute_digest(picture) != frame.digest:
            stored.path.unlink(missing_ok=True)
            raise DatasetError(
                f"{stored.path}: damaged, and taken away; materialise training_frames again"
            )
        yield picture


def read_thumbnails(home: Home, frames: Iterable[DatasetFrame]) -> Iterator[Picture]:
    """Yield the `(36, 64)` gray thumbnails of some frames, in their order.

    Raises:
        DatasetError: the training frames of an episode are missing, damaged, or were made anew
            since.
    """
    for stored, frame in _open_each(home, frames):
        yield stored.thumbnails[frame.row]


def map_pictures(
    home: Home, frames: Iterable[DatasetFrame], transform: Callable[[Picture], Result]
) -> Iterator[Result]:
    """Decode frames and do something with each, on all cores, in order.

    Args:
        home: of the dataset.
        frames: as for `read_jpegs`.
        transform: given an RGB picture in the size it was stored in; called from several threads.

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
        raise DatasetError(f"{error}; materialise training_frames again, then dataset") from error


def _open_each(
    home: Home, frames: Iterable[DatasetFrame]
) -> Iterator[tuple[StoredTrainingFrames, DatasetFrame]]:
    """Yield each frame with the file it is in, and close files that are done with."""
    for fingerprint, group in groupby(frames, key=lambda frame: frame.fingerprint):
        with open_frames(training_frames_file(home, fingerprint)) as stored:
            digests = stored.digests
            for frame in group:
                if frame.row >= len(digests) or digests[frame.row] != frame.digest:
                    raise DatasetError(
                        f"{stored.path}: made anew since the dataset was; materialise dataset again"
                    )
                yield stored, frame

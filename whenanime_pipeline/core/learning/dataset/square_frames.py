"""Decodes a dataset's frames once to square pictures in mapped arrays."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.files import flush_to_disk, write_json
from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.learning.dataset.arrays import read_rows, write_rows
from whenanime_pipeline.core.learning.dataset.dataset import DatasetFrame
from whenanime_pipeline.core.learning.dataset.frame_reading import map_pictures, read_thumbnails
from whenanime_pipeline.core.learning.pictures import THUMBNAIL_SHAPE, Picture, squeeze_to_square
from whenanime_pipeline.core.search.frames.extraction import Progress


@dataclass(frozen=True, slots=True)
class SquareFrames:
    """Frames as mapped arrays, in the order of the dataset.

    Attributes:
        pictures: `(n, side, side, 3)` RGB pictures.
        thumbnails: `(n, 36, 64)` gray thumbnails.
        aspects: `(n,)` width by height of the frames before they were squeezed.
    """

    pictures: NDArray[np.uint8]
    thumbnails: NDArray[np.uint8]
    aspects: NDArray[np.float32]


def read_square_frames(folder: Path, count: int, side: int) -> SquareFrames | None:
    """Map a folder of squares; None when it is missing or damaged.

    Args:
        folder: folder of the arrays.
        count: expected number of frames.
        side: side of the squares in pixels.
    """
    pictures = read_rows(folder / "pictures.npy", (count, side, side, 3), np.uint8)
    thumbnails = read_rows(folder / "thumbnails.npy", (count, *THUMBNAIL_SHAPE), np.uint8)
    aspects = read_rows(folder / "aspects.npy", (count,), np.float32)
    if pictures is None or thumbnails is None or aspects is None:
        return None
    return SquareFrames(pictures, thumbnails, aspects)


def write_square_frames(
    home: Home,
    folder: Path,
    frames: Sequence[DatasetFrame],
    side: int,
    *,
    older: Sequence[Path] = (),
    progress: Progress | None = None,
) -> None:
    """Decode and resize frames to a folder, which appears when it is complete.

    Args:
        home: home of the dataset.
        folder: folder to write; a damaged one is replaced. The caller holds a lock on it.
        frames: frames of the dataset, those of one episode together.
        side: side of the squares in pixels.
        older: folders of the same side, from which frames are copied, so that a new episode costs
            its own frames only.
        progress: called with the frames done and the frames in all.

    Raises:
        DatasetError: stored training frames are missing, damaged, or made again since.
        OSError: the home cannot be written to.
    """
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
    part.mkdir(parents=True)
    try:
        count, aspects = len(frames), np.empty(len(frames), np.float32)
        squares = _squeeze_frames(home, frames, side, older, aspects, progress)
        write_rows(part / "pictures.npy", squares, (count, side, side, 3), np.uint8)
        write_rows(part / "aspects.npy", aspects, (count,), np.float32)
        thumbnails = read_thumbnails(home, frames)
        write_rows(part / "thumbnails.npy", thumbnails, (count, *THUMBNAIL_SHAPE), np.uint8)
        write_json(part / "frames.json", [frame.digest for frame in frames])
        if folder.exists():
            shutil.rmtree(folder)
        part.replace(folder)
        flush_to_disk(folder.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _squeeze_frames(
    home: Home,
    frames: Sequence[DatasetFrame],
    side: int,
    older: Sequence[Path],
    aspects: NDArray[np.float32],
    progress: Progress | None,
) -> Iterator[Picture]:
    """Yield the frames as squares, and store their aspects."""

    def squeeze(picture: Picture) -> tuple[Picture, float]:
        return squeeze_to_square(picture, side), picture.shape[1] / picture.shape[0]

    known = _find_decoded(older, side)
    new = map_pictures(home, [frame for frame in frames if frame.digest not in known], squeeze)
    for number, frame in enumerate(frames):
        if frame.digest in known:
            squares, row = known[frame.digest]
            square, aspects[number] = squares.pictures[row], squares.aspects[row]
        else:
            square, aspects[number] = next(new)
        if progress is not None:
            progress(number + 1, len(frames))
        yield square


def _find_decoded(folders: Sequence[Path], side: int) -> dict[str, tuple[SquareFrames, int]]:
    """Return the squares and rows of decoded frames by their digests."""
    known: dict[str, tuple[SquareFrames, int]] = {}
    for folder in folders:
        try:
            digests: list[str] = json.loads((folder / "frames.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # damaged, so its frames are decoded again
        squares = read_square_frames(folder, len(digests), side)
        if squares is not None:
            known |= {digest: (squares, row) for row, digest in enumerate(digests)}
    return known

"""Distinct frames of films in memory, resized to squares of one size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from whenanime_pipeline.core.learning.pictures import (
    THUMBNAIL_SHAPE,
    Picture,
    gray_difference,
    make_thumbnail,
    squeeze_to_square,
)
from whenanime_pipeline.core.media.frame_sampler import FrameSampler

VIDEO_SUFFIXES = frozenset({".mp4", ".mkv", ".avi", ".webm", ".mov", ".ts"})
FLAT_DEVIATION = 6.0
"""Standard deviation of gray levels below which a picture is flat: black, white, a fade."""


@dataclass(frozen=True)
class FrameSet:
    """Pictures of several films, film by film, in temporal order.

    Attributes:
        pictures: `(n, side, side, 3)` RGB, each squeezed to a square.
        thumbnails: `(n, 36, 64)` gray thumbnails, to recognise equal pictures.
        films: `(n,)` number of the film each picture is from, ascending.
        seconds: `(n,)` time in the film, in seconds.
        names: names of the films.
    """

    pictures: Picture
    thumbnails: Picture
    films: NDArray[np.int64]
    seconds: NDArray[np.float64]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pictures)


def find_films(folder: Path) -> list[Path]:
    """Return the videos below a folder, sorted by path."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in VIDEO_SUFFIXES and path.is_file()
    )


def read_films(films: Sequence[Path], *, side: int, fps: float = 8.0) -> FrameSet:
    """Decode the frames of films that are not flat and differ from the previous one.

    Args:
        films: videos.
        side: side of the squares in pixels.
        fps: frames sampled per second.

    Raises:
        MediaError: a file cannot be decoded.
    """
    pictures: list[Picture] = []
    thumbnails: list[Picture] = []
    places: list[tuple[int, float]] = []
    for number, film in enumerate(films):
        last: Picture | None = None
        with FrameSampler(film, fps=fps) as sampler:
            for sample in sampler:
                small = make_thumbnail(sample.picture)
                if small.std() < FLAT_DEVIATION or (
                    last is not None and gray_difference(small, last) < 1
                ):
                    continue
                last = small
                pictures.append(squeeze_to_square(sample.picture, side))
                thumbnails.append(small)
                places.append((number, sample.time))
    return FrameSet(
        pictures=_stack_pictures(pictures, (side, side, 3)),
        thumbnails=_stack_pictures(thumbnails, THUMBNAIL_SHAPE),
        films=np.array([number for number, _ in places], np.int64),
        seconds=np.array([second for _, second in places], np.float64),
        names=tuple(film.name for film in films),
    )


def frames_from_pictures(pictures: Iterable[Picture], *, side: int, name: str) -> FrameSet:
    """Return single pictures as frames, each as a film of its own without neighbours.

    Args:
        pictures: RGB of any size.
        side: side of the squares in pixels.
        name: name of all of them together.
    """
    squares: list[Picture] = []
    thumbnails: list[Picture] = []
    for picture in pictures:
        squares.append(squeeze_to_square(picture, side))
        thumbnails.append(make_thumbnail(picture))
    return FrameSet(
        pictures=_stack_pictures(squares, (side, side, 3)),
        thumbnails=_stack_pictures(thumbnails, THUMBNAIL_SHAPE),
        films=np.arange(len(squares)),
        seconds=np.zeros(len(squares)),
        names=(name,) * len(squares),
    )


def concatenate_frame_sets(sets: Sequence[FrameSet]) -> FrameSet:
    """Return several sets as one; all have the same side."""
    offsets = np.cumsum([0, *(len(one.names) for one in sets)])
    return FrameSet(
        pictures=np.concatenate([one.pictures for one in sets]),
        thumbnails=np.concatenate([one.thumbnails for one in sets]),
        films=np.concatenate([one.films + n for one, n in zip(sets, offsets, strict=False)]),
        seconds=np.concatenate([one.seconds for one in sets]),
        names=tuple(name for one in sets for name in one.names),
    )


def draw_groups(
    films: NDArray[np.int64], generator: Generator, *, groups: int, members: int, window: int
) -> Tensor:
    """Draw the indices of a batch: groups of close frames of one film.

    Close frames are the hardest negatives, and distinguishing them is the task.

    Args:
        films: `(n,)` as in `FrameSet`.
        generator: random generator.
        groups: number of groups.
        members: frames a group; fewer where a film has fewer.
        window: number of frames before and after the group's middle to draw from.

    Returns:
        `(groups · members,)` or fewer indices, group by group; groups may overlap.
    """
    middles = torch.randint(len(films), (groups,), generator=generator)
    parts = []
    for middle in middles.tolist():
        first = int(np.searchsorted(films, films[middle]))
        end = int(np.searchsorted(films, films[middle], side="right"))
        low, high = max(first, middle - window), min(end, middle + window + 1)
        order = torch.randperm(high - low, generator=generator)[:members]
        parts.append(order + low)
    return torch.cat(parts)


def _stack_pictures(pictures: list[Picture], shape: tuple[int, ...]) -> Picture:
    return np.stack(pictures) if pictures else np.empty((0, *shape), np.uint8)

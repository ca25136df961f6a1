"""The gallery: all frames of the given films, 8 per second, to search and to judge answers by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.pictures import same_picture
from whenanime_pipeline.core.media.frame_sampler import FrameSampler

Picture = NDArray[np.uint8]

FPS = 8.0
VIDEOS = "*.mp4"


@dataclass(frozen=True, slots=True)
class GalleryFrame:
    """A frame of the gallery: path of its file relative to the library, and its second."""

    path: str
    second: float


@dataclass(frozen=True)
class Gallery:
    """Frames with their gray signatures.

    Attributes:
        frames: n frames, by film and then in order of time.
        cells: `(n, 36, 64)`, their signatures.
    """

    frames: Sequence[GalleryFrame]
    cells: Picture

    @classmethod
    def from_frames(cls, frames: Sequence[tuple[GalleryFrame, Picture]]) -> Self:
        """Return the gallery of some frames with their signatures."""
        cells = [cells for _, cells in frames]
        return cls([frame for frame, _ in frames], np.stack(cells))

    def shows_picture(self, path: str, second: float, cells: Picture) -> bool:
        """Return whether a film's frame looks the same as a picture, by their signatures.

        Args:
            path: path of the film; False if it is not in the gallery.
            second: second of the frame; the nearest frame of the gallery is compared.
            cells: `(36, 64)`, signature of the picture.
        """
        if path not in self._films:
            return False
        rows, times = self._films[path]
        nearest = rows[int(np.abs(times - second).argmin())]
        return same_picture(self.cells[nearest], cells)

    @cached_property
    def _films(self) -> dict[str, tuple[list[int], NDArray[np.float64]]]:
        """The rows of each film, and their seconds."""
        rows: dict[str, list[int]] = {}
        for row, frame in enumerate(self.frames):
            rows.setdefault(frame.path, []).append(row)
        return {
            path: (own, np.array([self.frames[row].second for row in own]))
            for path, own in rows.items()
        }


def list_films(library: Path) -> list[Path]:
    """Return all films of a videos folder, sorted."""
    return sorted(path for path in library.rglob(VIDEOS) if path.is_file())


def series_of(library: Path, film: Path) -> str:
    """Return the series of a film: its top-level folder in the library."""
    return film.relative_to(library).parts[0]


def read_frames(library: Path, films: Sequence[Path]) -> Iterator[tuple[GalleryFrame, Picture]]:
    """Yield the frames of films, 8 per second, as indexing samples them."""
    for film in films:
        path = film.relative_to(library).as_posix()
        with FrameSampler(film, fps=FPS, threads=1) as sampler:
            for sample in sampler:
                yield GalleryFrame(path, sample.time), sample.picture

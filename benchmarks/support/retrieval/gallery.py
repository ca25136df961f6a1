"""All frames of the given films, eight a second: what is searched, and what answers are held to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.decode import FrameSampler
from whenanime_pipeline.core.search.distinct import signature

Picture = NDArray[np.uint8]

FPS = 8.0
SAME = 2.0
"""Gray levels of mean difference at 64×36 below which two pictures are the same."""
VIDEOS = "*.mp4"


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame of the gallery: its file, relative to the library, and its second."""

    path: str
    second: float


@dataclass(slots=True)
class Gallery:
    """Moments with what they look like at 64×36.

    Attributes:
        moments: in the order in which they were read.
        cells: their gray signatures, `(36, 64)` each.
    """

    moments: list[Moment] = field(default_factory=list)
    cells: list[Picture] = field(default_factory=list)
    _films: dict[str, tuple[list[float], list[Picture]]] = field(default_factory=dict)

    def add(self, moment: Moment, picture: Picture) -> None:
        """Count a frame in; those of a film in order of time."""
        cells = signature(picture)
        self.moments.append(moment)
        self.cells.append(cells)
        times, shown = self._films.setdefault(moment.path, ([], []))
        times.append(moment.second)
        shown.append(cells)

    def shows(self, path: str, second: float, cells: Picture) -> bool:
        """Tell whether a film shows a picture at a second, as far as 64×36 cells can tell.

        Args:
            path: of the film.
            second: the nearest frame of the gallery counts.
            cells: the picture's signature.
        """
        if path not in self._films:
            return False
        times, shown = self._films[path]
        nearest = int(np.abs(np.array(times) - second).argmin())
        return float(np.abs(shown[nearest].astype(np.int16) - cells).mean()) < SAME


def films_of(library: Path) -> list[Path]:
    """Return all films of a videos folder, sorted."""
    return sorted(path for path in library.rglob(VIDEOS) if path.is_file())


def series_of(library: Path, film: Path) -> str:
    """Return the series of a film: the folder at the top that it lies in."""
    return film.relative_to(library).parts[0]


def read_frames(library: Path, films: Sequence[Path]) -> Iterator[tuple[Moment, Picture]]:
    """Yield every frame of some films, eight a second, as an index looks at them."""
    for film in films:
        path = film.relative_to(library).as_posix()
        with FrameSampler(film, fps=FPS, threads=1) as sampler:
            for sample in sampler:
                yield Moment(path, sample.time), sample.picture

"""Screenshots of known moments, and whether an answer is right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.pictures import SAME_PICTURE, gray_difference
from whenanime_pipeline.core.media.frame_sampler import FrameSampler
from whenanime_pipeline.core.media.picture_codec import decode_picture, encode_jpeg
from whenanime_pipeline.core.media.probe import probe_video
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.search.frames.deduplication import signature
from whenanime_pipeline.core.search.query.engine import SearchEngine
from whenanime_pipeline.core.search.query.scenes import Scene

Picture = NDArray[np.uint8]

_QUALITY = 75
_WIDTH = 480
_FLAT = 12.0
"""Gray levels of standard deviation below which a picture shows next to nothing."""
_WHOLE = 1 << 14  # a longer side than any film has: frames are not scaled


@dataclass(frozen=True, slots=True)
class Query:
    """A moment of a file and its picture.

    Attributes:
        path: of the file, relative to the library, or the file's name.
        second: of the moment.
        picture: the frame as it is decoded.
    """

    path: str
    second: float
    picture: Picture


@dataclass(frozen=True)
class QueryResult:
    """What came back to a question.

    Attributes:
        query: that was asked.
        scene: the best answer; None when there was none.
        milliseconds: the search took, without decoding the JPEG.
        library: where the answered file lies.
    """

    query: Query
    scene: Scene | None
    milliseconds: float
    library: Path

    def is_within(self, seconds: float, *, shift: float = 0.0) -> bool:
        """Tell whether the file is right and the moment no further off than that.

        Args:
            seconds: allowed.
            shift: what the file's clock is ahead of the question's.
        """
        if self.scene is None or self.scene.episode.path != self.query.path:
            return False
        return abs(self.scene.at - (self.query.second + shift)) <= seconds

    @cached_property
    def difference(self) -> float:
        """Gray levels between the picture asked for and the one at the answered moment."""
        if self.scene is None:
            return 255.0
        shown = decode_frame_at(
            self.library / self.scene.episode.path, self.scene.at, long_side=_WHOLE
        )
        return gray_difference(signature(shown), signature(self.query.picture))

    @property
    def is_same_picture(self) -> bool:
        """Whether the answered moment shows what was asked for, in whichever file."""
        return self.difference < SAME_PICTURE

    def to_row(self) -> dict[str, object]:
        """Return a record of it, for a list of errors."""
        scene = self.scene
        return {
            "file": self.query.path,
            "asked": round(self.query.second, 3),
            "answered": scene.episode.path if scene else None,
            "at": round(scene.at, 3) if scene else None,
            "similarity": round(scene.similarity, 4) if scene else None,
            "difference": round(self.difference, 2),
        }


def draw_random_queries(library: Path, count: int, seed: int) -> Iterator[Query]:
    """Yield frames from anywhere in a library that are not flat, each second equally likely.

    Args:
        library: the folder; its films are read.
        count: how many.
        seed: of the choice.
    """
    films = sorted(path for path in library.rglob("*.mp4") if path.is_file())
    lengths = np.array([probe_video(film).duration or 0.0 for film in films])
    rng = np.random.default_rng(seed)
    found = 0
    while found < count:
        film = films[rng.choice(len(films), p=lengths / lengths.sum())]
        second = float(rng.uniform(0, probe_video(film).duration or 0.0))
        picture = decode_frame_at(film, second, long_side=_WHOLE)
        if not is_flat(picture):
            found += 1
            yield Query(film.relative_to(library).as_posix(), second, picture)


def sample_queries(film: Path, path: str, *, fps: float) -> Iterator[Query]:
    """Yield frames of a film at an even rate, whatever they show.

    Args:
        film: to read.
        path: what the questions shall say that it is.
        fps: frames a second.
    """
    with FrameSampler(film, fps=fps, long_side=_WHOLE) as sampler:
        for sample in sampler:
            yield Query(path, sample.time, sample.picture)


def run_query(engine: SearchEngine, query: Query, library: Path) -> QueryResult:
    """Ask as a person would: with a JPEG of quality 75, 480 pixels wide."""
    picture = decode_picture(encode_jpeg(_scaled(query.picture), quality=_QUALITY))
    began = perf_counter()
    scenes: Sequence[Scene] = engine.search(picture, limit=1)
    took = 1000 * (perf_counter() - began)
    return QueryResult(query, scenes[0] if scenes else None, took, library)


def is_flat(picture: Picture) -> bool:
    """Tell whether a picture shows next to nothing."""
    return float(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).std()) < _FLAT


def _scaled(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    way = cv2.INTER_AREA if width > _WIDTH else cv2.INTER_CUBIC
    size = (_WIDTH, round(height * _WIDTH / width))
    scaled: Picture = cv2.resize(picture, size, interpolation=way)
    return scaled

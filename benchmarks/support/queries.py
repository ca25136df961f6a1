"""Unedited queries with a known file and second, and the correctness of answers."""

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

_QUALITY, _WIDTH = 75, 480
"""JPEG quality and width of queries, in pixels."""
_FLAT_DEVIATION = 12.0
"""Standard deviation of gray levels below which a picture is flat."""
_FULL_SIZE = 1 << 14
"""A longer side than any film has, so that frames are not scaled."""


@dataclass(frozen=True, slots=True)
class Query:
    """A frame with its file and second.

    Attributes:
        path: path of the file relative to the library, or the file's name.
        second: second of the frame.
        picture: the decoded frame, RGB.
    """

    path: str
    second: float
    picture: Picture


@dataclass(frozen=True)
class QueryResult:
    """A query and its answer.

    Attributes:
        query: the query.
        scene: best answer; None if there was none.
        milliseconds: wall time of the search, without decoding the JPEG.
        library: videos folder of the answered file.
    """

    query: Query
    scene: Scene | None
    milliseconds: float
    library: Path

    def is_within(self, seconds: float, *, shift: float = 0.0) -> bool:
        """Return whether the file is right and the second is within a tolerance.

        Args:
            seconds: tolerance.
            shift: seconds by which the library's clock is ahead of the query's.
        """
        if self.scene is None or self.scene.episode.path != self.query.path:
            return False
        return abs(self.scene.at - (self.query.second + shift)) <= seconds

    @cached_property
    def difference(self) -> float:
        """Mean difference of the query and the answered frame, in gray levels at 64×36."""
        if self.scene is None:
            return 255.0
        shown = decode_frame_at(
            self.library / self.scene.episode.path, self.scene.at, long_side=_FULL_SIZE
        )
        return gray_difference(signature(shown), signature(self.query.picture))

    @property
    def is_same_picture(self) -> bool:
        """Whether the answered frame looks the same as the query, in any file."""
        return self.difference < SAME_PICTURE

    def to_row(self) -> dict[str, object]:
        """Return a row for the report."""
        scene = self.scene
        return {
            "file": self.query.path,
            "second": round(self.query.second, 3),
            "answered file": scene.episode.path if scene else None,
            "answered second": round(scene.at, 3) if scene else None,
            "similarity": round(scene.similarity, 4) if scene else None,
            "difference": round(self.difference, 2),
        }


def draw_random_queries(library: Path, count: int, seed: int) -> Iterator[Query]:
    """Yield random frames that are not flat, uniformly over the library's seconds.

    Args:
        library: videos folder.
        count: number of frames.
        seed: seed of the choice.
    """
    films = sorted(path for path in library.rglob("*.mp4") if path.is_file())
    lengths = np.array([probe_video(film).duration or 0.0 for film in films])
    rng = np.random.default_rng(seed)
    found = 0
    while found < count:
        film = films[rng.choice(len(films), p=lengths / lengths.sum())]
        second = float(rng.uniform(0, probe_video(film).duration or 0.0))
        picture = decode_frame_at(film, second, long_side=_FULL_SIZE)
        if not is_flat(picture):
            found += 1
            yield Query(film.relative_to(library).as_posix(), second, picture)


def sample_queries(film: Path, path: str, *, fps: float) -> Iterator[Query]:
    """Yield frames of a film at a constant rate, flat ones included.

    Args:
        film: film to read.
        path: path that answers are compared with.
        fps: frames per second.
    """
    with FrameSampler(film, fps=fps, long_side=_FULL_SIZE) as sampler:
        for sample in sampler:
            yield Query(path, sample.time, sample.picture)


def run_query(engine: SearchEngine, query: Query, library: Path) -> QueryResult:
    """Search for a query as a JPEG of quality 75, 480 pixels wide."""
    picture = decode_picture(encode_jpeg(_scaled(query.picture), quality=_QUALITY))
    began = perf_counter()
    scenes: Sequence[Scene] = engine.search(picture, limit=1)
    took = 1000 * (perf_counter() - began)
    return QueryResult(query, scenes[0] if scenes else None, took, library)


def is_flat(picture: Picture) -> bool:
    """Return whether a picture is flat."""
    return float(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).std()) < _FLAT_DEVIATION


def _scaled(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    way = cv2.INTER_AREA if width > _WIDTH else cv2.INTER_CUBIC
    size = (_WIDTH, round(height * _WIDTH / width))
    scaled: Picture = cv2.resize(picture, size, interpolation=way)
    return scaled

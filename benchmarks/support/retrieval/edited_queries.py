"""Draws query frames and edits them, all from one seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.context import BenchmarkError
from benchmarks.support.queries import is_flat
from whenanime_pipeline.core.learning.shipped.screenshots.delivery import (
    encode_as_posted,
    upscale_as_watched,
)
from whenanime_pipeline.core.learning.shipped.screenshots.edits import EDITS
from whenanime_pipeline.core.media.probe import probe_video
from whenanime_pipeline.core.media.thumbnails import decode_frame_at
from whenanime_pipeline.core.search.frames.deduplication import signature

Picture = NDArray[np.uint8]

CLEAN = "clean"
EDIT_KINDS = (CLEAN, *EDITS)
"""Edits of a frame, `clean` for none, in the order of the report."""
_FULL_SIZE = 1 << 14
"""A longer side than any film has, so that frames are not scaled."""
_TRIES = 100
"""Random frames of a series to try until one is not flat."""


@dataclass(frozen=True, slots=True)
class QueryFrame:
    """A frame to search for.

    Attributes:
        number: number of the frame; a larger sample starts with the same frames.
        series: series that it represents.
        path: path of its film, relative to the library; of negatives, the file's name.
        second: its second, by that film's clock.
        picture: the decoded frame, RGB, possibly from another encode.
    """

    number: int
    series: str
    path: str
    second: float
    picture: Picture

    @property
    def cells(self) -> Picture:
        """Its gray signature, `(36, 64)`."""
        return signature(self.picture)


@dataclass(frozen=True, slots=True)
class Film:
    """A file to draw frames from.

    Attributes:
        file: file to read.
        path: path that right answers have.
    """

    file: Path
    path: str


def draw_query_frames(
    films: Mapping[str, Sequence[Film]], count: int, seed: int, *, first: int = 0
) -> Iterator[QueryFrame]:
    """Yield random frames that are not flat: series in turn, uniformly over a series' seconds.

    Args:
        films: series → its films.
        count: number of frames.
        seed: seed of the choice; frame i of a seed does not depend on `count`.
        first: number of the first frame.

    Raises:
        BenchmarkError: a series has only flat frames.
    """
    names = sorted(films)
    for number in range(first, first + count):
        series = names[number % len(names)]
        yield _draw(number, series, films[series], np.random.default_rng([seed, number]))


def make_query_image(source: QueryFrame, kind: str, seed: int) -> Picture:
    """Return a frame after an edit, as users post it.

    Args:
        source: frame to edit.
        kind: name of an edit, or `clean`.
        seed: seed of the edit, together with the frame's number and `kind`.
    """
    rng = np.random.default_rng([seed, source.number, EDIT_KINDS.index(kind)])
    shown = upscale_as_watched(source.picture)
    return encode_as_posted(EDITS[kind](shown, rng) if kind in EDITS else shown, rng)


def _draw(number: int, series: str, films: Sequence[Film], rng: np.random.Generator) -> QueryFrame:
    lengths = np.array([probe_video(film.file).duration or 0.0 for film in films])
    for _ in range(_TRIES):
        film = films[int(rng.choice(len(films), p=lengths / lengths.sum()))]
        second = float(rng.uniform(0, lengths[films.index(film)]))
        picture = decode_frame_at(film.file, second, long_side=_FULL_SIZE)
        if not is_flat(picture):
            return QueryFrame(number, series, film.path, second, picture)
    raise BenchmarkError(f"{series}: has nothing but flat pictures")

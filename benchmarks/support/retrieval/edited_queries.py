"""Which frames are asked for, and what people have made of them: all from one seed."""

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
"""What can happen to a frame, in the order of the report."""
_WHOLE = 1 << 14  # a longer side than any film has: frames are not scaled
_TRIES = 100


@dataclass(frozen=True, slots=True)
class QueryFrame:
    """A frame that is asked for.

    Attributes:
        number: of the frame; a larger sample begins with the smaller one.
        series: what it is asked on behalf of.
        path: of the film that has it, relative to the library; or, of what is not in the
            library, the file's name.
        second: of the moment, by that film's clock.
        picture: as it was decoded, perhaps from another encode.
    """

    number: int
    series: str
    path: str
    second: float
    picture: Picture

    @property
    def cells(self) -> Picture:
        """What it looks like at 64×36."""
        return signature(self.picture)


@dataclass(frozen=True, slots=True)
class Film:
    """A file to take frames of.

    Attributes:
        file: to read.
        path: what the answer shall call it.
    """

    file: Path
    path: str


def draw_query_frames(
    films: Mapping[str, Sequence[Film]], count: int, seed: int, *, first: int = 0
) -> Iterator[QueryFrame]:
    """Yield frames that are not flat: each series as often, each second of a series as likely.

    Args:
        films: of each series.
        count: how many frames.
        seed: of the choice; frame i of a seed is the same however many are drawn.
        first: number of the first one.

    Raises:
        BenchmarkError: a series shows nothing but flat pictures.
    """
    names = sorted(films)
    for number in range(first, first + count):
        series = names[number % len(names)]
        yield _draw(number, series, films[series], np.random.default_rng([seed, number]))


def make_query_image(source: QueryFrame, kind: str, seed: int) -> Picture:
    """Return what someone posts of a frame.

    Args:
        source: the frame.
        kind: an edit, or `clean`.
        seed: with the frame's number and the edit it decides on all that happens.
    """
    rng = np.random.default_rng([seed, source.number, EDIT_KINDS.index(kind)])
    shown = upscale_as_watched(source.picture)
    return encode_as_posted(EDITS[kind](shown, rng) if kind in EDITS else shown, rng)


def _draw(number: int, series: str, films: Sequence[Film], rng: np.random.Generator) -> QueryFrame:
    lengths = np.array([probe_video(film.file).duration or 0.0 for film in films])
    for _ in range(_TRIES):
        film = films[int(rng.choice(len(films), p=lengths / lengths.sum()))]
        second = float(rng.uniform(0, lengths[films.index(film)]))
        picture = decode_frame_at(film.file, second, long_side=_WHOLE)
        if not is_flat(picture):
            return QueryFrame(number, series, film.path, second, picture)
    raise BenchmarkError(f"{series}: shows nothing but flat pictures")

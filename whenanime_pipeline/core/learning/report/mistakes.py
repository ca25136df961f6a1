"""Finds the worst mistakes of a model: the wrong answers with the largest margin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.evaluation import Ranks
from whenanime_pipeline.core.search.embedding.vectors import Vectors

if TYPE_CHECKING:
    from whenanime_pipeline.core.learning.dataset.dataset import Dataset

MAX_MISTAKES = 12
"""Maximum number of mistakes in a report."""
_CHUNK = 512  # queries at once


@dataclass(frozen=True, slots=True)
class FrameLocation:
    """Video and time of a frame.

    Attributes:
        path: path of the video, relative to the videos folder.
        second: time from its start, in seconds.
    """

    path: str
    second: float

    def __str__(self) -> str:
        """Return a readable location: `Show/Show - S01E02 12:34`."""
        minutes, seconds = divmod(round(self.second), 60)
        return f"{PurePosixPath(self.path).with_suffix('')} {minutes:02d}:{seconds:02d}"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A view whose nearest picture is not its original.

    Attributes:
        row: row of the view and of its original.
        found: row of the nearest original.
        rank: rank of the right original.
        similarity: cosine of the view and the nearest original.
        right_similarity: cosine of the view and the right original.
        query: location of the view, `""` when unknown.
        answer: location of the nearest original.
    """

    row: int
    found: int
    rank: int
    similarity: float
    right_similarity: float
    query: str = ""
    answer: str = ""


def locate_validation_frames(dataset: "Dataset") -> tuple[FrameLocation, ...]:
    """Return the location of each validation frame, in the order of the rows."""
    paths = {episode.fingerprint: episode.path for episode in dataset.episodes}
    return tuple(
        FrameLocation(paths[frame.fingerprint], frame.second) for frame in dataset.validation
    )


def find_worst_mistakes(
    views: Vectors,
    originals: Vectors,
    ranks: Ranks,
    locations: Sequence[FrameLocation] | None = None,
    *,
    most: int = MAX_MISTAKES,
) -> tuple[Mistake, ...]:
    """Return the mistakes with the largest margin of the wrong answer, the largest first.

    Args:
        views: `(n, d)` of unit length.
        originals: `(n, d)`, row i the original of view i.
        ranks: rank of each view's original.
        locations: locations of the rows.
        most: maximum number of mistakes.
    """

    def named(row: int) -> str:
        return str(locations[row]) if locations else ""

    wrong = np.flatnonzero(ranks > 1)
    mistakes = [
        Mistake(row, other, int(ranks[row]), best, own, named(row), named(other))
        for row, other, best, own in _nearest_wrong(views, originals, wrong)
    ]
    mistakes.sort(key=lambda one: (one.right_similarity - one.similarity, one.row))
    return tuple(mistakes[:most])


def _nearest_wrong(
    views: Vectors, originals: Vectors, rows: NDArray[np.int64]
) -> Iterator[tuple[int, int, float, float]]:
    """Yield row, nearest other row, and the cosines of that and of the right original."""
    for first in range(0, len(rows), _CHUNK):
        part = rows[first : first + _CHUNK]
        with np.errstate(invalid="ignore", over="ignore"):
            cosines = np.nan_to_num(views[part] @ originals.T, nan=-1.0, posinf=-1.0, neginf=-1.0)
        index = np.arange(len(part))
        own = cosines[index, part]
        cosines[index, part] = -np.inf
        others = cosines.argmax(1)
        best = cosines[index, others]
        yield from zip(part.tolist(), others.tolist(), best.tolist(), own.tolist(), strict=True)

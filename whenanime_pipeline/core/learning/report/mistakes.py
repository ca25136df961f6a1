"""The worst mistakes of a model: where it is surest of a wrong answer."""

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
"""Mistakes kept of a report."""
_CHUNK = 512  # queries at once


@dataclass(frozen=True, slots=True)
class FrameLocation:
    """Where a frame is from.

    Attributes:
        path: of the video, relative to the videos folder.
        second: from its start.
    """

    path: str
    second: float

    def __str__(self) -> str:
        """Return what a person looks for: `Show/Show - S01E02 12:34`."""
        minutes, seconds = divmod(round(self.second), 60)
        return f"{PurePosixPath(self.path).with_suffix('')} {minutes:02d}:{seconds:02d}"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A view that was answered with another picture than its original.

    Attributes:
        row: of the view, and of its original.
        found: row of the original that was answered.
        rank: place of the right answer.
        similarity: cosine of view and answer.
        right_similarity: cosine of view and right answer.
        query: where the view is from, `""` when that is not known.
        answer: where the answer is from.
    """

    row: int
    found: int
    rank: int
    similarity: float
    right_similarity: float
    query: str = ""
    answer: str = ""


def locate_validation_frames(dataset: "Dataset") -> tuple[FrameLocation, ...]:
    """Return where each validation frame is from, in the order of the rows."""
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
    """Return the mistakes in which the wrong answer is most ahead of the right one, those first.

    Args:
        views: `(n, d)` of unit length.
        originals: `(n, d)`, row i of the picture of row i.
        ranks: place of each view's original.
        locations: where the rows are from.
        most: how many at most.
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
    """Yield row, nearest other row, and the cosines of that and of the right answer."""
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

"""Batches of several faces of several names of a few series."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.characters.face_augmentation import FaceAugmentation
from whenanime_pipeline.core.learning.characters.labelled_faces import LabelledFaces


@dataclass(frozen=True)
class BatchShape:
    """Numbers of a batch.

    Attributes:
        groups: series in a batch.
        names: names of each series.
        faces: faces of each name, 2 or more.
    """

    groups: int = 4
    names: int = 8
    faces: int = 4


@dataclass(frozen=True)
class FaceBatch:
    """A batch: `(n, side, side, 3)` uint8 pictures, and the `(n,)` numbers of their names."""

    pictures: NDArray[np.uint8]
    names: NDArray[np.int64]


class FaceBatches:
    """Draws batches from named faces.

    Args:
        faces: what to draw from.
        shape: numbers of a batch; fewer where there are fewer.
        side: side of the network's input in pixels.
        augmentation: changes of the crops.

    Raises:
        ValueError: no name has two faces.
    """

    def __init__(
        self,
        faces: LabelledFaces,
        shape: BatchShape,
        side: int,
        augmentation: FaceAugmentation | None = None,
    ) -> None:
        self._faces, self._shape, self._side = faces, shape, side
        self._augmentation = augmentation or FaceAugmentation()
        self._rows: dict[int, dict[int, NDArray[np.int64]]] = {}
        order = np.argsort(faces.names, kind="stable")
        firsts = np.flatnonzero(np.diff(faces.names[order], prepend=-1))
        for rows in np.split(order, firsts[1:]):
            if len(rows) > 1:
                group = self._rows.setdefault(int(faces.groups[rows[0]]), {})
                group[int(faces.names[rows[0]])] = rows
        if not self._rows:
            raise ValueError("no name has two faces to learn from; label more")

    def draw(self, rng: np.random.Generator) -> FaceBatch:
        """Return a random batch."""
        rows: list[int] = []
        for group in _pick(list(self._rows), self._shape.groups, rng):
            named = self._rows[group]
            for name in _pick(list(named), self._shape.names, rng):
                rows += _pick(named[name].tolist(), self._shape.faces, rng)
        faces = self._faces
        views = [
            self._augmentation.change(faces.crops[row], faces.margin, self._side, rng)
            for row in rows
        ]
        return FaceBatch(np.stack(views), faces.names[rows])


def _pick(values: Sequence[int], count: int, rng: np.random.Generator) -> list[int]:
    return [values[i] for i in rng.permutation(len(values))[:count]]

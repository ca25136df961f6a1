"""Systems that describe every frame by a few numbers and compare them all."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.retrieval.gallery import Moment
from benchmarks.support.retrieval.systems import Found

Picture = NDArray[np.uint8]
Numbers = NDArray[Any]

_BEST = 5


class Descriptor(Protocol):
    """A way to describe pictures.

    Attributes:
        name: of the system.
        bytes_a_frame: that a description takes, stored as densely as its authors do.
    """

    name: str
    bytes_a_frame: float

    def describe(self, picture: Picture) -> Numbers:
        """Return the description of an RGB picture of any size, `(d,)`."""
        ...

    def distances(self, one: Numbers, many: Numbers) -> NDArray[np.floating]:
        """Return how far `(n, d)` descriptions are from one: small for what is alike."""
        ...


class Exact:
    """A descriptor over all frames, eight a second, every one of them compared."""

    def __init__(self, descriptor: Descriptor) -> None:
        """Begin with no frames."""
        self.name = descriptor.name
        self.bytes_a_frame = descriptor.bytes_a_frame
        self._descriptor = descriptor
        self._moments: list[Moment] = []
        self._described: list[Numbers] = []
        self._table: Numbers | None = None

    def add(self, moment: Moment, picture: Picture) -> None:
        """Take a frame into the gallery."""
        self._moments.append(moment)
        self._described.append(self._descriptor.describe(picture))
        self._table = None

    def search(self, picture: Picture) -> Sequence[Found]:
        """Return the nearest frames."""
        if self._table is None:
            self._table = np.stack(self._described)
        distances = self._descriptor.distances(self._descriptor.describe(picture), self._table)
        nearest = np.argsort(distances, kind="stable")[:_BEST]
        return [Found(self._moments[i].path, self._moments[i].second) for i in nearest]


def exact_systems(
    descriptors: Iterable[Descriptor], frames: Iterable[tuple[Moment, Picture]]
) -> list[Exact]:
    """Return a system for each descriptor, all fed in one pass over the frames."""
    systems = [Exact(descriptor) for descriptor in descriptors]
    for moment, picture in frames:
        for system in systems:
            system.add(moment, picture)
    return systems

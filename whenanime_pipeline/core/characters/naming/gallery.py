"""Labelled faces that others are compared with."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.vectors import Vectors


@dataclass(frozen=True)
class Gallery:
    """Labelled faces.

    Attributes:
        vectors: `(n, d)` unit vectors of the faces.
        labels: `(n,)` index into `names` for each face.
        names: the names, each once, of any script.
    """

    vectors: Vectors
    labels: NDArray[np.int64]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check that the parts belong together.

        Raises:
            ValueError: lengths differ, a label is no index of a name, or a name occurs twice.
        """
        if len(self.vectors) != len(self.labels):
            raise ValueError(f"{len(self.vectors)} vectors have {len(self.labels)} labels")
        if len(set(self.names)) != len(self.names):
            raise ValueError("a name occurs twice in the gallery")
        if len(self.labels) and not (0 <= self.labels.min() <= self.labels.max() < len(self.names)):
            raise ValueError("a label is the index of no name")

    @classmethod
    def from_names(cls, vectors: Vectors, names: Iterable[str]) -> "Gallery":
        """Return the gallery of faces with these names, one for each vector."""
        found = list(names)
        unique = tuple(dict.fromkeys(found))
        places = {name: place for place, name in enumerate(unique)}
        return cls(vectors, np.array([places[name] for name in found], np.int64), unique)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Labelled faces of each name, `(names,)`."""
        return np.bincount(self.labels, minlength=len(self.names))

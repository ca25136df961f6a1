"""A network's embeddings as a descriptor: how the seed searches, but exactly."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.embedder import Embedder

Picture = NDArray[np.uint8]
Vectors = NDArray[np.float32]


class NetworkDescriptor:
    """A model's folder, by cosine; vectors in single precision, as the seed keeps them."""

    def __init__(self, name: str, model: Path, *, threads: int) -> None:
        """Load it.

        Args:
            name: for the report.
            model: the folder.
            threads: of the network; 0: one a core.

        Raises:
            ModelError: it is missing or damaged.
        """
        self._embedder = Embedder.load(model, threads=threads)
        self.id = self._embedder.model_id
        self.name = name
        self.bytes_per_frame = 4.0 * self._embedder.dimension

    def describe(self, picture: Picture) -> Vectors:
        """Return the unit vector of an RGB picture."""
        vector: Vectors = self._embedder.embed([picture])[0]
        return vector

    def distances(self, one: Vectors, many: Vectors) -> Vectors:
        """Return one less the cosines of `(n, d)` unit vectors with one."""
        return np.asarray(1 - many @ one, np.float32)

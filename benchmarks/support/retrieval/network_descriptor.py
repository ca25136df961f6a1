"""A network's embeddings as a descriptor, for an exhaustive search in the seed's way."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.search.embedding.embedder import Embedder

Picture = NDArray[np.uint8]
Vectors = NDArray[np.float32]


class NetworkDescriptor:
    """Embeddings by a model, compared by cosine; in single precision, as the seed stores them."""

    def __init__(self, name: str, model: Path, *, threads: int) -> None:
        """Load a model.

        Args:
            name: name of the system in reports.
            model: folder of the model.
            threads: threads of the network; 0: one per core.

        Raises:
            ModelError: the model is missing or damaged.
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
        """Return 1 − cosine of each of `(n, d)` unit vectors to one, `(n,)`."""
        return np.asarray(1 - many @ one, np.float32)

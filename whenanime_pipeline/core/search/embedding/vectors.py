"""Vectors on the unit sphere, where an inner product is a cosine."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""`(n, dimension)`."""


def normalise_rows(vectors: Vectors) -> Vectors:
    """Scale each row to length 1; a row of zeros stays as it is.

    Args:
        vectors: `(n, dimension)`.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled

"""Scores of names by their most similar labelled faces."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.naming.gallery import Gallery
from whenanime_pipeline.core.search.embedding.vectors import Vectors

NEAREST = 2
"""Labelled faces of a name that its score is the mean of; one alone may be a wrong label."""
NO_SCORE = -1.0
"""Score of a name without labelled faces: the least cosine."""


def score_names(queries: Vectors, gallery: Gallery) -> NDArray[np.float64]:
    """Return the mean similarity of each query to the most similar faces of each name.

    Args:
        queries: `(q, d)` unit vectors.
        gallery: labelled faces.

    Returns:
        `(q, names)` cosines, -1 to 1.
    """
    scores = np.full((len(queries), len(gallery.names)), NO_SCORE)
    similarities = queries @ gallery.vectors.T
    for name in np.flatnonzero(gallery.counts):
        own = similarities[:, gallery.labels == name]
        nearest = min(NEAREST, own.shape[1])
        scores[:, name] = np.partition(own, -nearest, axis=1)[:, -nearest:].mean(axis=1)
    return scores

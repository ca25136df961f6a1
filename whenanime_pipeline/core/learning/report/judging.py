"""A network's vectors of a dataset's validation pictures, and how well they find each other."""

import numpy as np
import torch
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.evaluation import Judged, Scores, judge, ranks, scores
from whenanime_pipeline.core.learning.material import Material
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.pictures import squeezed
from whenanime_pipeline.core.search.embedding.vectors import Vectors


def vectors(network: EmbeddingNetwork, pictures: NDArray[np.uint8], *, batch: int) -> Vectors:
    """Return a network's embeddings of square pictures, in full precision.

    Args:
        network: left in evaluation mode, on the device where it is.
        pictures: `(n, side, side, 3)`; scaled to the network's size by area, as an index does.
        batch: pictures at once.

    Returns:
        `(n, dimension)`, each row of unit length.
    """
    size, device = network.options.size, next(network.parameters()).device
    network.eval()
    found = np.empty((len(pictures), network.dimension), np.float32)
    with torch.inference_mode():
        for first in range(0, len(pictures), batch):
            part = pictures[first : first + batch]
            if part.shape[1:3] != (size, size):
                part = np.stack([squeezed(picture, size) for picture in part])
            # A copy: what is mapped from a file is not to be written to, and torch minds.
            given = torch.from_numpy(np.array(part)).to(device)
            found[first : first + batch] = network(given).cpu().numpy()
    return found


def judged(network: EmbeddingNetwork, material: Material, *, batch: int) -> Judged:
    """Return how well a network finds the validation twins, both ways and with intervals."""
    originals = vectors(network, material.originals, batch=batch)
    return judge(originals, vectors(network, material.views, batch=batch))


def scored(network: EmbeddingNetwork, material: Material, *, batch: int) -> Scores:
    """Return how well views find their originals, as an epoch's row of the log has it."""
    originals = vectors(network, material.originals, batch=batch)
    return scores(ranks(vectors(network, material.views, batch=batch), originals))

"""A network's vectors of a dataset's validation pictures, and how well they find each other."""

import numpy as np
import torch
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.evaluation import (
    RetrievalMetrics,
    Scores,
    compute_ranks,
    compute_scores,
    evaluate_retrieval,
)
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.pictures import squeeze_to_square
from whenanime_pipeline.core.learning.training_data import TrainingData
from whenanime_pipeline.core.search.embedding.vectors import Vectors


def embed_pictures(
    network: EmbeddingNetwork, pictures: NDArray[np.uint8], *, batch: int
) -> Vectors:
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
                part = np.stack([squeeze_to_square(picture, size) for picture in part])
            # A copy: what is mapped from a file is not to be written to, and torch minds.
            given = torch.from_numpy(np.array(part)).to(device)
            found[first : first + batch] = network(given).cpu().numpy()
    return found


def evaluate_network(
    network: EmbeddingNetwork, training_data: TrainingData, *, batch: int
) -> RetrievalMetrics:
    """Return how well a network finds the validation twins, both ways and with intervals."""
    originals = embed_pictures(network, training_data.originals, batch=batch)
    return evaluate_retrieval(originals, embed_pictures(network, training_data.views, batch=batch))


def score_network(network: EmbeddingNetwork, training_data: TrainingData, *, batch: int) -> Scores:
    """Return how well views find their originals, as an epoch's row of the log has it."""
    originals = embed_pictures(network, training_data.originals, batch=batch)
    return compute_scores(
        compute_ranks(embed_pictures(network, training_data.views, batch=batch), originals)
    )

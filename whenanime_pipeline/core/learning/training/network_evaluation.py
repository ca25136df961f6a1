"""Evaluates a network in torch on the validation pictures of a dataset."""

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
        network: network to evaluate; left in evaluation mode on its device.
        pictures: `(n, side, side, 3)`; scaled to the network's size by area, as an index does.
        batch: pictures a batch.

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
            # A copy: torch warns of the read-only arrays that are mapped from files.
            given = torch.from_numpy(np.array(part)).to(device)
            found[first : first + batch] = network(given).cpu().numpy()
    return found


def evaluate_network(
    network: EmbeddingNetwork, training_data: TrainingData, *, batch: int
) -> RetrievalMetrics:
    """Return the retrieval metrics of a network on the validation pairs, with intervals."""
    originals = embed_pictures(network, training_data.originals, batch=batch)
    return evaluate_retrieval(originals, embed_pictures(network, training_data.views, batch=batch))


def score_network(network: EmbeddingNetwork, training_data: TrainingData, *, batch: int) -> Scores:
    """Return the scores of views as queries and originals as the gallery, for the log."""
    originals = embed_pictures(network, training_data.originals, batch=batch)
    return compute_scores(
        compute_ranks(embed_pictures(network, training_data.views, batch=batch), originals)
    )

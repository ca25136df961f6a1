"""Turning the embeddings so that their first components carry most of what differs."""

import torch
from torch import Tensor

from whenanime_pipeline.core.learning.network import EmbeddingNetwork


def principal_rotation(vectors: Tensor) -> Tensor:
    """Return the rotation to the principal axes, the widest first.

    Args:
        vectors: `(n, d)` unit vectors. They are not centred: cosines are about the origin.

    Returns:
        `(d, d)` orthonormal; `vectors @ rotation.T` is the turned set.
    """
    moments = vectors.double().T @ vectors.double()
    _, axes = torch.linalg.eigh(moments)
    rotation: Tensor = axes.flip(1).T.to(vectors.dtype)
    return rotation


def rotate(network: EmbeddingNetwork, rotation: Tensor) -> None:
    """Fold a rotation of the embeddings into the network's last layer.

    Lengths and cosines stay; an index may then keep the first components only.
    """
    layer = network.projection
    with torch.no_grad():
        layer.weight.copy_(rotation @ layer.weight)
        layer.bias.copy_(rotation @ layer.bias)

"""Fits the projection, the network's last layer, in closed form.

After training the backbone, the projection is replaced by Fisher's linear discriminant with each
picture as a class of its own: the directions of most variance between pictures relative to the
variance that edits cause. Linear algebra finds them exactly, where gradient descent is slow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn
from torch.nn import functional

from whenanime_pipeline.core.learning.errors import TrainingError
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.training.screenshot_augmentation import (
    make_reference_view,
    make_screenshot_view,
)

SHRINKAGE = 1.0
"""Share of the mean within-class variance added to each direction; 0.3 to 4 hardly differ."""
_BATCH = 64
Augment = Callable[[Tensor, Generator], Tensor]
"""Makes views `(n, 3, size, size)`, at the network's input size, of pictures `(n, 3, h, w)`; both
in 0 to 1."""


@dataclass(frozen=True)
class Projection:
    """An affine map from features to embeddings.

    Attributes:
        weight: `(dimension, features)`.
        bias: `(dimension,)`.
    """

    weight: Tensor
    bias: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """Return `(n, dimension)` unit vectors of `(n, features)`."""
        return functional.normalize(functional.linear(features, self.weight, self.bias), dim=1)


def fit_discriminant(
    clean: Tensor, edited: Tensor, dimension: int, *, shrinkage: float = SHRINKAGE
) -> Projection:
    """Fit Fisher's linear discriminant to pictures and their edits.

    The within-class covariance becomes the identity, and components are sorted by discriminative
    power, so that an index may truncate embeddings.

    Args:
        clean: `(n, features)`, one row per picture.
        edited: `(n, features)`, the same pictures after an edit.
        dimension: number of components, at most `features`.
        shrinkage: regularisation of the within-class covariance, relative to its mean variance.

    Raises:
        TrainingError: there are fewer pictures than components.
    """
    count, features = clean.shape
    if count <= dimension or features < dimension:
        raise TrainingError(
            f"{dimension} components need more pictures than that, and as many features; there "
            f"are {count} pictures and {features} features"
        )
    middle = clean.double().mean(0)
    spread, change = clean.double() - middle, clean.double() - edited.double()
    between = spread.T @ spread / count
    within = change.T @ change / (2 * count)
    scale = max(float(within.trace()) / features, torch.finfo(torch.float32).eps)
    within += shrinkage * scale * torch.eye(features, dtype=torch.float64)
    whiten = torch.linalg.inv(torch.linalg.cholesky(within))
    _, axes = torch.linalg.eigh(whiten @ between @ whiten.T)
    weight = axes.flip(1)[:, :dimension].T @ whiten
    # One scale for all components changes no cosine and keeps the numbers in half precision.
    weight /= (weight @ between @ weight.T).trace().sqrt()
    return Projection(weight.float(), -(weight @ middle).float())


def fit_projection(
    network: EmbeddingNetwork,
    pictures: NDArray[np.uint8],
    *,
    augment: Augment | None = None,
    seed: int = 0,
) -> None:
    """Replace a trained network's projection by the discriminant of its features.

    Args:
        network: network in evaluation mode; changed in place.
        pictures: `(n, side, side, 3)` RGB uint8; n must exceed the network's dimension.
        augment: makes the edited views; None: screenshot views, half of them mild.
        seed: seed of the views.

    Raises:
        TrainingError: there are too few pictures, or the network has no projection.
    """
    projection = network.projection
    if not isinstance(projection, nn.Linear):
        raise TrainingError(f"{network.options.backbone}: a network without a projection to fit")
    generator, size = Generator().manual_seed(seed), network.options.size
    augment = augment or partial(make_screenshot_view, size=size, mild=0.5)
    clean: list[Tensor] = []
    edited: list[Tensor] = []
    with torch.inference_mode():
        for part in torch.split(torch.from_numpy(pictures), _BATCH):
            planes = part.permute(0, 3, 1, 2).float() / 255
            for views, found in (
                (make_reference_view(planes, generator, size=size), clean),
                (augment(planes, generator), edited),
            ):
                found.append(network.extract_features(views.permute(0, 2, 3, 1) * 255))
    fitted = fit_discriminant(torch.cat(clean), torch.cat(edited), network.dimension)
    with torch.no_grad():
        projection.weight.copy_(fitted.weight)
        projection.bias.copy_(fitted.bias)

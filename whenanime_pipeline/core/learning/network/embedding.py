"""The embedding network: a convolutional trunk of torchvision, pooling and a projection."""

from collections.abc import Iterator, Mapping
from itertools import islice, takewhile

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models

from whenanime_pipeline.core.learning.errors import NetworkError, WeightsError
from whenanime_pipeline.core.learning.network.architecture import NetworkOptions

__all__ = ["EmbeddingNetwork", "NetworkOptions", "build_trunk"]

_CONTAINERS = frozenset({"features", "trunk_output"})
_HEAD = frozenset({"avgpool", "flatten", "dropout", "classifier", "fc", "head", "heads"})
_AUXILIARY = frozenset({"aux1", "aux2", "AuxLogits"})
_POWER = 3.0  # of the generalised mean: Radenović et al. 2018
_FLOOR = 1e-6


class EmbeddingNetwork(nn.Module):
    """Embeds pictures as unit vectors.

    Normalisation is part of the network: it takes gray levels, so that it cannot be mismatched.

    Attributes:
        options: options of the network.
        dimension: number of components of an embedding.

    Args:
        options: options of the network; weights are random, from torch's global generator.

    Raises:
        NetworkError: torchvision has no such network, it is no convolutional one, or the input
            is too small for its strides and the grid.
    """

    mean: Tensor
    std: Tensor
    projection: nn.Module

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        self.options = options
        self.trunk = build_trunk(options.backbone, options.stages)
        features = self._probe() * options.grid**2
        self.dimension = options.dimension or features
        self.projection = (
            nn.Identity() if options.dimension is None else nn.Linear(features, options.dimension)
        )
        self.register_buffer("mean", torch.tensor(options.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(options.std).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the embeddings of pictures.

        Args:
            pictures: `(n, size, size, 3)` RGB, 0 to 255, uint8 or floating.

        Returns:
            `(n, dimension)` float32, each row of unit length.
        """
        pooled = self.extract_features(pictures)
        # Near-equal frames differ little: no bfloat16 from here on.
        with torch.autocast(pictures.device.type, enabled=False):
            vectors: Tensor = self.projection(pooled)
            return functional.normalize(vectors, dim=1)

    def extract_features(self, pictures: Tensor) -> Tensor:
        """Return the projection's input, `(n, channels · grid²)` float32; `pictures` as above."""
        planes = (pictures.permute(0, 3, 1, 2).float() - self.mean) / self.std
        return self.pool(self.trunk(planes).float())

    def rescale_projection(self) -> None:
        """Scale the projection as a new one would be, which changes no embedding.

        Embeddings have unit length whatever its scale is; steps of a training have not. One that
        was fitted in closed form may be so small that a single step would undo it.
        """
        last = self.projection
        if isinstance(last, nn.Linear):
            with torch.no_grad():
                scale = (3 * last.in_features) ** -0.5 / last.weight.square().mean().sqrt()
                last.weight.mul_(scale)
                last.bias.mul_(scale)

    def pool(self, features: Tensor) -> Tensor:
        """Return `(n, channels · grid²)` means of the cells of `(n, channels, h, w)` features."""
        if self.options.pooling == "average":
            return functional.adaptive_avg_pool2d(features, self.options.grid).flatten(1)
        powers = features.clamp(min=_FLOOR).pow(_POWER)
        means = functional.adaptive_avg_pool2d(powers, self.options.grid)
        return means.pow(1 / _POWER).flatten(1)

    def _probe(self) -> int:
        """Return the trunk's channels, after checking that it fits input and grid."""
        side, name = self.options.size, self.options.backbone
        self.trunk.eval()
        try:
            with torch.no_grad():
                features = self.trunk(torch.zeros(1, 3, side, side))
        except (RuntimeError, ValueError, AssertionError, TypeError) as error:
            raise NetworkError(f"{name}: no convolutional trunk for {side} pixels: {error}") from (
                error
            )
        self.trunk.train()
        if features.ndim != 4 or features.shape[2] != features.shape[3]:
            raise NetworkError(f"{name}: its trunk gives no feature map but {features.shape}")
        if features.shape[2] % self.options.grid:
            raise NetworkError(
                f"{name} at {side} pixels has {features.shape[2]} cells a side, which "
                f"a grid of {self.options.grid} does not divide; choose another size"
            )
        return int(features.shape[1])


def build_trunk(
    backbone: str, stages: int | None, *, weights: Mapping[str, Tensor] | None = None
) -> nn.Sequential:
    """Return the part of a torchvision network before its pooling.

    Args:
        backbone: name of a classification network.
        stages: blocks to keep, the stem counted; None for all.
        weights: of the whole network; None for random ones.

    Raises:
        NetworkError: there is no such network, or not so many blocks.
        WeightsError: the weights are another network's.
    """
    try:
        whole = models.get_model(backbone, weights=None)
    except ValueError as error:
        raise NetworkError(f"{backbone}: torchvision has no network of that name") from error
    if weights is not None:
        try:
            whole.load_state_dict(weights)
        except RuntimeError as error:
            raise WeightsError(f"{backbone}: weights of another network: {error}") from error
    blocks = list(_blocks(whole))
    if stages is not None and not 1 <= stages <= len(blocks):
        raise NetworkError(f"{backbone} has {len(blocks)} blocks, not {stages}")
    return nn.Sequential(*islice(blocks, stages))


def _blocks(whole: nn.Module) -> Iterator[nn.Module]:
    children = takewhile(lambda child: child[0] not in _HEAD, whole.named_children())
    for name, child in children:
        if name in _CONTAINERS:
            yield from child.children()
        elif name not in _AUXILIARY:
            yield child
    if isinstance(whole, models.DenseNet):
        yield nn.ReLU()  # applied by torchvision's `forward`, after the last normalisation

"""The tagger's network: convolutions and Transformers, with heads for classes and boundaries."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from whenanime_pipeline.core.learning.themes.crf import ChainField
from whenanime_pipeline.core.themes.tagger.features import FEATURE_NAMES
from whenanime_pipeline.core.themes.tagger.model_files import CLASSES, TOKEN


@dataclass(frozen=True, slots=True)
class TaggerOptions:
    """Shape of a tagger's network.

    Attributes:
        width: channels.
        layers: Transformer layers.
        heads: of attention.
        members: networks next to each other that vote.
        dropout: share of channels that are dropped in training.
        dimension: of the embeddings that it takes; 0 for none.
    """

    width: int = 48
    layers: int = 2
    heads: int = 4
    members: int = 3
    dropout: float = 0.15
    dimension: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain values."""
        return asdict(self)


class TaggerMember(nn.Module):
    """One network: features to scores of classes and boundaries, and its chain.

    Convolutions look at seconds, attention at tokens of `TOKEN` seconds.
    """

    def __init__(self, options: TaggerOptions) -> None:
        super().__init__()
        width = options.width
        self.heads = options.heads
        self.embed = nn.Linear(len(FEATURE_NAMES), width)
        self.look: nn.Linear | None = None
        if options.dimension:
            self.look = nn.Linear(options.dimension, width, bias=False)
        self.before = nn.Sequential(_NearLayer(width), _NearLayer(width))
        self.layers = nn.ModuleList([_EncoderLayer(options) for _ in range(options.layers)])
        self.after = nn.Sequential(_NearLayer(width), _NearLayer(width))
        self.norm = nn.LayerNorm(width)
        self.classes = nn.Linear(width, len(CLASSES))
        self.bounds = nn.Sequential(
            nn.Linear(width + len(FEATURE_NAMES), width),
            _NearLayer(width),
            _NearLayer(width),
            nn.Linear(width, 4),
        )
        self.dropout = nn.Dropout(options.dropout)
        self.chain = ChainField(len(CLASSES))

    def forward(self, features: Tensor, vectors: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return emissions `(N, T, C)` and logits of boundaries `(N, T, 4)`.

        Args:
            features: `(N, T, F)`, with `T` a multiple of `TOKEN`.
            vectors: `(N, T, dimension)`, for networks that take them.
        """
        hidden = self.embed(features)
        if self.look is not None and vectors is not None:
            hidden = hidden + self.look(vectors)
        hidden = self.dropout(self.before(hidden))
        count, _, width = hidden.shape
        tokens = hidden.reshape(count, -1, TOKEN, width).mean(2)
        bias = distance_bias(tokens.shape[1], self.heads)
        for layer in self.layers:
            tokens = layer(tokens, bias)
        wide = tokens[:, :, None].expand(-1, -1, TOKEN, -1).reshape(count, -1, width)
        hidden = self.norm(self.after(hidden + wide))
        bounds = self.bounds(torch.cat([hidden, features], 2))
        return self.classes(self.dropout(hidden)), bounds


class _NearLayer(nn.Module):
    """A convolution over nearby seconds, channel by channel, and then over the channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.near = nn.Conv1d(width, width, 7, padding=3, groups=width)
        self.mix = nn.Linear(width, width)

    def forward(self, hidden: Tensor) -> Tensor:
        near = self.near(self.norm(hidden).transpose(1, 2)).transpose(1, 2)
        mixed: Tensor = self.mix(functional.gelu(near))
        return hidden + mixed


class _EncoderLayer(nn.Module):
    """A Transformer encoder layer that normalises first (Xiong et al. 2020)."""

    def __init__(self, options: TaggerOptions) -> None:
        super().__init__()
        width = options.width
        self.heads = options.heads
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.split, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.dropout = nn.Dropout(options.dropout)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        count, steps, width = hidden.shape
        parts = self.split(self.before(hidden)).reshape(count, steps, 3, self.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        weights = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5 + bias
        found = (weights.softmax(3) @ value).transpose(1, 2).reshape(count, steps, width)
        hidden = hidden + self.dropout(self.join(found))
        wide = functional.gelu(self.widen(self.after(hidden)))
        added: Tensor = self.dropout(self.narrow(wide))
        return hidden + added


def distance_bias(steps: int, heads: int) -> Tensor:
    """Return `(heads, steps, steps)`, the loss of attention with distance (Press et al. 2022).

    Each head has its own slope, here from a half a token to one in 128 tokens, and looks both ways;
    so the network takes episodes of any length.
    """
    slopes = torch.logspace(-1, -7, heads, base=2)
    at = torch.arange(steps)
    return -slopes[:, None, None] * (at[:, None] - at[None]).abs()


class TaggerEnsemble(nn.Module):
    """Networks that vote.

    Attributes:
        options: shape of the networks.
        members: the networks.
    """

    def __init__(self, options: TaggerOptions) -> None:
        super().__init__()
        self.options = options
        self.members = nn.ModuleList([TaggerMember(options) for _ in range(options.members)])

    def member(self, number: int) -> TaggerMember:
        """Return one of the networks."""
        found = self.members[number]
        assert isinstance(found, TaggerMember)
        return found

    def forward(self, features: Tensor, vectors: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return what the exported model gives.

        Args:
            features: `(N, T, F)`.
            vectors: `(N, T, dimension)`, for networks that take them.

        Returns:
            Emissions `(members, N, T, C)`; and `(members, N, T, 4)`, the probabilities that a
            segment begins and ends in a second, and where in it, from 0 to 1.
        """
        found = [member(features, vectors) for member in self.members]
        emissions, bounds = zip(*found, strict=True)
        return torch.stack(emissions), torch.stack(bounds).sigmoid()

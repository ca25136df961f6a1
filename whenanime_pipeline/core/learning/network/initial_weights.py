"""What a training begins with: random weights, the base model's, a file's or torchvision's own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor
from torchvision import models

from whenanime_pipeline.core.learning.errors import NetworkError, WeightsError
from whenanime_pipeline.core.learning.network.architecture import NetworkOptions
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork, build_trunk
from whenanime_pipeline.core.learning.network.weights import load_weights
from whenanime_pipeline.core.learning.network.weights_header import weights_path
from whenanime_pipeline.core.learning.training.recipe import Recipe
from whenanime_pipeline.core.learning.training_data import TrainingData


@dataclass(frozen=True)
class InitialNetwork:
    """A network before its training.

    Attributes:
        name: where its weights are from, for people.
        id: of the weights' content: equal ids, equal beginnings.
        network: with these weights.
    """

    name: str
    id: str
    network: EmbeddingNetwork


def build_initial_network(recipe: Recipe, training_data: TrainingData) -> InitialNetwork:
    """Build a recipe's network, with the weights it begins with.

    What is random in them comes from the recipe's seed; torch's own generator is left as it was.

    Args:
        recipe: `recipe.init` says which weights.
        training_data: whose mean and deviation a network gets that has none of its own.

    Raises:
        NetworkError: the network cannot be built.
        WeightsError: the weights are missing, damaged, a pickle, from another version, of
            another network, or cannot be fetched.
    """
    source = recipe.initial_weights_path
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        if source is not None:
            name = recipe.init if recipe.init == "base" else source.name
            network = EmbeddingNetwork(recipe.network)
            load_weights(network, weights_path(source))
            network.rescale_projection()
        elif recipe.init == "torchvision":
            name, network = _build_pretrained(recipe.network)
        else:
            name, network = (
                "random",
                EmbeddingNetwork(_options_with_statistics(recipe, training_data)),
            )
    return InitialNetwork(name, _digest(network), network)


def _options_with_statistics(recipe: Recipe, material: TrainingData) -> NetworkOptions:
    """Return the network's options, with the dataset's statistics when the recipe says so."""
    if recipe.statistics == "fixed":
        return recipe.network
    red, green, blue = (max(value, 1.0) for value in material.std)
    return replace(recipe.network, mean=material.mean, std=(red, green, blue))


def _build_pretrained(options: NetworkOptions) -> tuple[str, EmbeddingNetwork]:
    """Return a network with the trunk that torchvision offers, and the name of those weights."""
    preset = _preset(options.backbone)
    values = _fetch_weights(preset)
    known = preset.transforms()
    if hasattr(known, "mean") and hasattr(known, "std"):
        mean, std = (tuple(255 * value for value in three) for three in (known.mean, known.std))
        options = replace(options, mean=mean, std=std)
    network = EmbeddingNetwork(options)
    trunk = build_trunk(options.backbone, options.stages, weights=values)
    network.trunk.load_state_dict(trunk.state_dict())
    return str(preset), network


def _preset(backbone: str) -> models.WeightsEnum:
    try:
        return models.get_model_weights(backbone).DEFAULT
    except ValueError as error:
        raise NetworkError(f"{backbone}: torchvision has no network of that name") from error
    except AttributeError as error:
        raise WeightsError(f"{backbone}: torchvision has no weights for it; try random") from error


def _fetch_weights(preset: models.WeightsEnum) -> Mapping[str, Tensor]:
    """Return torchvision's weights: the copy kept on this machine, else from the net."""
    kept = Path(torch.hub.get_dir()) / "checkpoints" / Path(preset.url).name
    try:
        values: Mapping[str, Tensor] = preset.get_state_dict(
            progress=False, check_hash=True, weights_only=True
        )
    except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
        if kept.exists():
            raise WeightsError(
                f"{kept}: not torchvision's weights {preset}; delete it and try again: {error}"
            ) from error
        raise WeightsError(
            f"{preset}: cannot be fetched from {preset.url}: {error}; put the file at {kept}, or "
            "begin with base or random weights"
        ) from error
    return values


def _digest(network: EmbeddingNetwork) -> str:
    digest = blake2b(digest_size=16)
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]

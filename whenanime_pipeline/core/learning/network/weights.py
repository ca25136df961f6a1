"""Weights in files: half precision, safetensors, never a pickle."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from whenanime_pipeline.core.learning.errors import WeightsError
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork
from whenanime_pipeline.core.learning.network.weights_header import (
    WEIGHTS_FILE,
    make_header,
    read_folder_options,
    read_header,
    sort_header,
)

__all__ = [
    "WEIGHTS_FILE",
    "load_network",
    "load_weights",
    "pack_weights",
    "read_weights",
    "round_to_half",
]


def round_to_half(network: EmbeddingNetwork) -> None:
    """Round every weight to what half precision can hold, so that files lose nothing more.

    Raises:
        WeightsError: a weight is not finite, or too large for half precision.
    """
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if not value.is_floating_point():
                continue
            value.copy_(value.half().float())
            if not value.isfinite().all():
                raise WeightsError(f"{name}: a weight is not finite in half precision")


def pack_weights(network: EmbeddingNetwork) -> bytes:
    """Return a network's weights, and what it is built from, as a safetensors file's content.

    Equal networks have equal files.
    """
    values = {name: _to_half_contiguous(value) for name, value in network.state_dict().items()}
    return sort_header(bytes(save(values, metadata=make_header(network.options))))


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read a file of weights.

    Returns:
        The tensors by name, all of them finite.

    Raises:
        WeightsError: the file is missing, damaged, a pickle, or from another version.
    """
    read_header(path)
    try:
        values: dict[str, Tensor] = load(path.read_bytes())
    except (SafetensorError, ValueError, OSError) as error:
        raise WeightsError(f"{path}: damaged, or no safetensors file: {error}") from error
    for name, value in values.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise WeightsError(f"{path}: damaged: {name} is not finite")
    return values


def load_weights(network: EmbeddingNetwork, path: Path) -> None:
    """Fill a network with the weights of a file.

    Raises:
        WeightsError: as `read_weights`; or they are another network's.
    """
    try:
        network.load_state_dict(read_weights(path))
    except RuntimeError as error:
        raise WeightsError(f"{path}: weights of another network: {error}") from error


def load_network(folder: Path) -> EmbeddingNetwork:
    """Build the network of a model's folder, to train it further.

    Raises:
        WeightsError: the folder lacks a file, or its files do not belong together.
        NetworkError: `meta.json` asks for a network that cannot be built.
    """
    network = EmbeddingNetwork(read_folder_options(folder))
    load_weights(network, folder / WEIGHTS_FILE)
    return network.eval()


def _to_half_contiguous(value: Tensor) -> Tensor:
    return (value.half() if value.is_floating_point() else value).contiguous()

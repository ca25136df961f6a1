"""Weights in files: half precision, safetensors, never a pickle."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from whenanime_pipeline.core.learning.errors import WeightsError
from whenanime_pipeline.core.learning.network import EmbeddingNetwork, NetworkOptions

WEIGHTS_FILE = "weights.safetensors"
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


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
    """Return a network's weights as the content of a safetensors file."""
    return bytes(save({name: _packed(value) for name, value in network.state_dict().items()}))


def load_weights(network: EmbeddingNetwork, path: Path) -> None:
    """Fill a network with the weights of a file.

    Raises:
        WeightsError: the file is missing, damaged, a pickle, or of another network.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error}") from error
    if content.startswith(_PICKLES):
        raise WeightsError(f"{path}: a pickle, which can run code; only safetensors are read")
    try:
        values = load(content)
    except (SafetensorError, ValueError) as error:
        raise WeightsError(f"{path}: damaged, or no safetensors file: {error}") from error
    try:
        network.load_state_dict(values)
    except RuntimeError as error:
        raise WeightsError(f"{path}: weights of another network: {error}") from error


def load_network(folder: Path) -> EmbeddingNetwork:
    """Build the network of a model's folder, to train it further.

    Raises:
        WeightsError: the folder lacks a file, or its files do not belong together.
        NetworkError: `meta.json` asks for a network that cannot be built.
    """
    meta = folder / "meta.json"
    try:
        options = NetworkOptions(**json.loads(meta.read_text(encoding="utf-8"))["network"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{meta}: does not describe a network: {error}") from error
    network = EmbeddingNetwork(options)
    load_weights(network, folder / WEIGHTS_FILE)
    return network.eval()


def _packed(value: Tensor) -> Tensor:
    return (value.half() if value.is_floating_point() else value).contiguous()

"""Weights in files: half precision, safetensors, never a pickle.

The header of a file says which network its weights belong to, so that it stands for itself.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from whenanime_pipeline.core.learning.architecture import NetworkOptions
from whenanime_pipeline.core.learning.errors import NetworkError, WeightsError
from whenanime_pipeline.core.learning.network import EmbeddingNetwork

WEIGHTS_FILE = "weights.safetensors"
META_FILE = "meta.json"
_SCHEMA = "1"
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


@dataclass(frozen=True)
class Weights:
    """The content of a file of weights.

    Attributes:
        path: where they are from.
        values: tensors by name.
        options: of their network; None in files that do not say.
    """

    path: Path
    values: dict[str, Tensor]
    options: NetworkOptions | None

    def fill(self, network: EmbeddingNetwork) -> None:
        """Fill a network with these weights.

        Raises:
            WeightsError: they are another network's, or not finite.
        """
        for name, value in self.values.items():
            if value.is_floating_point() and not value.isfinite().all():
                raise WeightsError(f"{self.path}: damaged: {name} is not finite")
        try:
            network.load_state_dict(self.values)
        except RuntimeError as error:
            raise WeightsError(f"{self.path}: weights of another network: {error}") from error


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
    header = {"schema": _SCHEMA, "network": json.dumps(network.options.to_json())}
    values = {name: _packed(value) for name, value in network.state_dict().items()}
    return bytes(save(values, metadata=header))


def read_weights(path: Path) -> Weights:
    """Read a file of weights.

    Raises:
        WeightsError: it is missing, damaged, a pickle, or from another version.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(4)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error}") from error
    if begin.startswith(_PICKLES):
        raise WeightsError(f"{path}: a pickle, which can run code; only safetensors are read")
    try:
        with safe_open(path, framework="pt") as file:
            header: dict[str, str] = file.metadata() or {}
            values = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 no dict
    except (SafetensorError, ValueError, OSError) as error:
        raise WeightsError(f"{path}: damaged, or no safetensors file: {error}") from error
    if "network" not in header:
        return Weights(path, values, None)
    if header.get("schema") != _SCHEMA:
        raise WeightsError(
            f"{path}: weights of version {header.get('schema')}; this program reads {_SCHEMA}"
        )
    return Weights(path, values, _options(path, header["network"]))


def load_weights(network: EmbeddingNetwork, path: Path) -> None:
    """Fill a network with the weights of a file.

    Raises:
        WeightsError: the file is missing, damaged, a pickle, or of another network.
    """
    read_weights(path).fill(network)


def load_network(folder: Path) -> EmbeddingNetwork:
    """Build the network of a model's folder, to train it further.

    Raises:
        WeightsError: the folder lacks a file, or its files do not belong together.
        NetworkError: `meta.json` asks for a network that cannot be built.
    """
    network = EmbeddingNetwork(folder_options(folder))
    load_weights(network, folder / WEIGHTS_FILE)
    return network.eval()


def folder_options(folder: Path) -> NetworkOptions:
    """Return what the network of a model's folder is built from, by its `meta.json`.

    Raises:
        WeightsError: there is none, or it does not say.
    """
    meta = folder / META_FILE
    try:
        content = json.loads(meta.read_text(encoding="utf-8"))
        return _options(meta, content["network"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{meta}: does not describe a network: {error}") from error


def _options(path: Path, stored: Any) -> NetworkOptions:  # noqa: ANN401 what JSON gives
    try:
        values = json.loads(stored) if isinstance(stored, str) else stored
        return NetworkOptions.from_json(values)
    except (ValueError, TypeError, AttributeError, NetworkError) as error:
        raise WeightsError(f"{path}: does not describe a network: {error}") from error


def _packed(value: Tensor) -> Tensor:
    return (value.half() if value.is_floating_point() else value).contiguous()

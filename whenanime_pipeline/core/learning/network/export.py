"""Exports a trained network to a model's folder: ONNX, safetensors and `meta.json`."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from whenanime_pipeline.core.files import atomic_write, write_json
from whenanime_pipeline.core.learning.errors import ExportError
from whenanime_pipeline.core.learning.network.embedding import EmbeddingNetwork, NetworkOptions
from whenanime_pipeline.core.learning.network.weights import (
    WEIGHTS_FILE,
    pack_weights,
    round_to_half,
)
from whenanime_pipeline.core.learning.onnx_metadata import strip_metadata
from whenanime_pipeline.core.learning.report.checks import MIN_EXPORT_COSINE
from whenanime_pipeline.core.search.embedding.model_files import (
    META_FILE,
    ONNX_FILE,
    SCHEMA_VERSION,
    compute_model_id,
)


@dataclass(frozen=True)
class ExportedModel:
    """An exported network in memory, verified and not yet written.

    Attributes:
        options: options of the network.
        dimension: number of components of its embeddings.
        onnx: content of `model.onnx`.
        weights: content of `weights.safetensors`, in half precision; ONNX has the same numbers.
    """

    options: NetworkOptions
    dimension: int
    onnx: bytes
    weights: bytes


def export_network(network: EmbeddingNetwork, pictures: NDArray[np.uint8]) -> ExportedModel:
    """Export a network, and check that ONNX Runtime gives the same embeddings.

    Args:
        network: trained network; it is not changed.
        pictures: `(n, size, size, 3)` pictures to compare on, at least two.

    Raises:
        ExportError: ONNX Runtime and torch differ.
        WeightsError: a weight cannot be kept in half precision.
    """
    rounded = deepcopy(network).eval().cpu()
    round_to_half(rounded)
    content = _to_onnx(rounded)
    _check_agreement(rounded, content, pictures)
    return ExportedModel(network.options, network.dimension, content, pack_weights(rounded))


def write_model(folder: Path, exported: ExportedModel, provenance: Mapping[str, Any]) -> str:
    """Write a model's folder; `meta.json` is written last and verifies the other files.

    Args:
        folder: folder to write, created if missing; a model in it is replaced.
        exported: exported network.
        provenance: further fields of `meta.json`: training data, recipe, metrics, calibration.

    Returns:
        The model's id.

    Raises:
        OSError: the folder cannot be written.
    """
    options = exported.options
    meta: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "dimension": exported.dimension,
        "input": {
            "width": options.size,
            "height": options.size,
            "layout": "NHWC",
            "dtype": "uint8",
            "resize": "area",
        },
        "normalisation": {"mean": options.mean, "std": options.std, "where": "in the network"},
        "network": options.to_json(),
        "weights": blake2b(exported.weights, digest_size=16).hexdigest(),  # as `checksum` gives
        **provenance,
    }
    meta = json.loads(json.dumps(meta))  # the id is that of what will be read back
    identifier = compute_model_id(exported.onnx, meta)
    for name, content in ((WEIGHTS_FILE, exported.weights), (ONNX_FILE, exported.onnx)):
        with atomic_write(folder / name) as part:
            part.write_bytes(content)
    write_json(folder / META_FILE, {"model_id": identifier, **meta})
    return identifier


def _to_onnx(network: EmbeddingNetwork) -> bytes:
    size = network.options.size
    example = torch.zeros(2, size, size, 3, dtype=torch.uint8)
    with TemporaryDirectory() as folder:
        target = Path(folder) / ONNX_FILE
        torch.onnx.export(
            network,
            (example,),
            target,
            input_names=["pictures"],
            output_names=["embeddings"],
            dynamic_shapes={"pictures": {0: torch.export.Dim("n")}},
            external_data=False,
            dynamo=True,
            verbose=False,
        )
        return strip_metadata(target.read_bytes())


def _check_agreement(
    network: EmbeddingNetwork, content: bytes, pictures: NDArray[np.uint8]
) -> None:
    """Compare on the pictures together and on the first one alone."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        expected = network(torch.from_numpy(pictures)).numpy()
    for count in (len(pictures), 1):
        found = session.run(None, {"pictures": pictures[:count]})[0]
        worst = float((found * expected[:count]).sum(1).min())
        if not worst >= MIN_EXPORT_COSINE:
            raise ExportError(
                f"the exported network agrees with the trained one to a cosine of {worst:.4f} "
                f"only, at {count} pictures; {MIN_EXPORT_COSINE} is asked for"
            )

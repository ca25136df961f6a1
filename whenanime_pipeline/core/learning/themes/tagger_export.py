"""Exports a tagger to a folder: ONNX with the scores of its chains, verified against torch."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from whenanime_pipeline.core.files import atomic_write, write_json
from whenanime_pipeline.core.learning.errors import ExportError
from whenanime_pipeline.core.learning.onnx_metadata import strip_metadata
from whenanime_pipeline.core.learning.themes.tagger_network import TaggerEnsemble
from whenanime_pipeline.core.search.embedding.model_files import META_FILE
from whenanime_pipeline.core.themes.tagger.features import FEATURE_NAMES, FEATURES_VERSION
from whenanime_pipeline.core.themes.tagger.model_files import (
    CLASSES,
    TAGGER_FILE,
    TAGGER_SCHEMA,
    TOKEN,
    compute_tagger_id,
)

LARGEST_DIFFERENCE = 1e-3
"""Of scores between ONNX Runtime and torch."""


def export_tagger(ensemble: TaggerEnsemble) -> bytes:
    """Return a tagger as ONNX, for features of any number of episodes and seconds.

    Raises:
        ExportError: ONNX Runtime and torch differ.
    """
    ensemble = ensemble.eval().cpu()
    content = _to_onnx(ensemble)
    _check_agreement(ensemble, content)
    return content


def write_tagger(
    folder: Path,
    ensemble: TaggerEnsemble,
    provenance: Mapping[str, Any],
    *,
    embedding_model: str | None = None,
) -> str:
    """Write a tagger's folder; `meta.json` is written last and verifies the other file.

    Args:
        folder: to write, created if missing; a tagger in it is replaced.
        ensemble: trained networks.
        provenance: further fields of `meta.json`: training, recipe, metrics.
        embedding_model: id of the model whose embeddings it takes.

    Returns:
        The tagger's id.

    Raises:
        ExportError: ONNX Runtime and torch differ.
        OSError: the folder cannot be written.
    """
    content = export_tagger(ensemble)
    members = range(ensemble.options.members)
    meta: dict[str, Any] = {
        "schema_version": TAGGER_SCHEMA,
        "features_version": FEATURES_VERSION,
        "classes": CLASSES,
        "chains": [ensemble.member(one).chain.to_scores().model_dump() for one in members],
        "embedding_model": embedding_model,
        "dimension": ensemble.options.dimension,
        "network": ensemble.options.to_json(),
        **provenance,
    }
    meta = json.loads(json.dumps(meta))  # the id is that of what will be read back
    identifier = compute_tagger_id(content, meta)
    with atomic_write(folder / TAGGER_FILE) as part:
        part.write_bytes(content)
    write_json(folder / META_FILE, {"tagger_id": identifier, **meta})
    return identifier


def _to_onnx(ensemble: TaggerEnsemble) -> bytes:
    options = ensemble.options
    example: tuple[torch.Tensor, ...] = (torch.zeros(2, 40, len(FEATURE_NAMES)),)
    names = ["features"]
    if options.dimension:
        example, names = (*example, torch.zeros(2, 40, options.dimension)), [*names, "vectors"]
    size = {0: torch.export.Dim("n"), 1: TOKEN * torch.export.Dim("t", min=2)}
    with TemporaryDirectory() as folder:
        target = Path(folder) / TAGGER_FILE
        torch.onnx.export(
            ensemble,
            example,
            target,
            input_names=names,
            output_names=["emissions", "bounds"],
            dynamic_shapes=dict.fromkeys(names, size),
            external_data=False,
            dynamo=True,
            verbose=False,
        )
        return strip_metadata(target.read_bytes())


def _check_agreement(ensemble: TaggerEnsemble, content: bytes) -> None:
    """Compare on random episodes of several lengths."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for count, steps in ((1, 8), (2, 60), (1, 332)):
        shapes = {"features": len(FEATURE_NAMES)}
        if ensemble.options.dimension:
            shapes["vectors"] = ensemble.options.dimension
        inputs: dict[str, NDArray[np.float32]] = {
            name: rng.normal(0, 1, (count, steps, size)).astype(np.float32)
            for name, size in shapes.items()
        }
        with torch.inference_mode():
            expected = ensemble(*(torch.from_numpy(each) for each in inputs.values()))
        found = session.run(None, inputs)
        for ours, theirs in zip(expected, found, strict=True):
            worst = float(np.abs(ours.numpy() - theirs).max())
            if not worst <= LARGEST_DIFFERENCE:
                raise ExportError(
                    f"the exported tagger differs from the trained one by {worst:.2g} at {steps} "
                    f"seconds; {LARGEST_DIFFERENCE:g} is allowed: train again with another seed"
                )

"""Reads a tagger's folder: `tagger.onnx`, and a `meta.json` that says how to use it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from whenanime_pipeline.core.search.embedding.model_files import META_FILE, compute_model_id
from whenanime_pipeline.core.themes.tagger.errors import TaggerError
from whenanime_pipeline.core.themes.tagger.features import FEATURES_VERSION
from whenanime_pipeline.core.themes.tagger.viterbi import Chain

TAGGER_FILE = "tagger.onnx"
TAGGER_SCHEMA = 1
CLASSES = ("story", "opening", "ending", "other")
"""Classes of a second, in the order of the network's scores."""
TOKEN = 4
"""Seconds that attention takes together: networks take multiples of that."""
STORY, OPENING, ENDING, OTHER = range(len(CLASSES))


class ChainScores(BaseModel):
    """Scores of one member's chain, as `Chain` has them."""

    model_config = ConfigDict(frozen=True)

    transitions: list[list[float]]
    first: list[float]
    last: list[float]

    def to_chain(self) -> Chain:
        """Return the scores as arrays."""
        return Chain(
            np.asarray(self.transitions, np.float32),
            np.asarray(self.first, np.float32),
            np.asarray(self.last, np.float32),
        )


class TaggerMeta(BaseModel):
    """What has to be known to use a tagger; the rest of `meta.json` tells where it comes from.

    Attributes:
        schema_version: of this file.
        tagger_id: names the tagger.
        features_version: of the features that it was trained on.
        classes: in the order of its scores.
        chains: of its members, one each.
        embedding_model: id of the model whose embeddings it takes; None if it takes none.
        dimension: of those embeddings; 0 if it takes none.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    schema_version: int
    tagger_id: str
    features_version: int
    classes: tuple[str, ...]
    chains: tuple[ChainScores, ...]
    embedding_model: str | None = None
    dimension: int = 0


def compute_tagger_id(onnx: bytes, meta: Mapping[str, Any]) -> str:
    """Return the id that names a tagger: any change of its weights or of their use changes it.

    Args:
        onnx: the content of `tagger.onnx`.
        meta: `meta.json`; its own `tagger_id` is left out.
    """
    return compute_model_id(onnx, {key: meta[key] for key in meta if key != "tagger_id"})


def read_tagger(folder: Path) -> tuple[TaggerMeta, bytes]:
    """Read and check a tagger's folder.

    Returns:
        Its meta data, and the content of `tagger.onnx`.

    Raises:
        TaggerError: a file is missing, damaged, or from another version.
    """
    try:
        raw = json.loads((folder / META_FILE).read_text(encoding="utf-8"))
        onnx = (folder / TAGGER_FILE).read_bytes()
        meta = TaggerMeta.model_validate(raw)
    except OSError as error:
        raise TaggerError(f"{folder}: not a tagger's folder: {error}") from error
    except (ValueError, ValidationError) as error:
        raise TaggerError(f"{folder / META_FILE}: {error}") from error
    found = (meta.schema_version, meta.features_version, meta.classes)
    if found != (TAGGER_SCHEMA, FEATURES_VERSION, CLASSES):
        raise TaggerError(f"{folder}: a tagger of another version; train it again")
    if compute_tagger_id(onnx, raw) != meta.tagger_id:
        raise TaggerError(f"{folder}: {TAGGER_FILE} and {META_FILE} do not belong together")
    return meta, onnx


def base_tagger_folder() -> Path:
    """Return the folder of the tagger that ships with the package."""
    return Path(__file__).parent / "base_tagger"

"""What a model's folder holds: `model.onnx`, and a `meta.json` that says how to use it."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from whenanime_pipeline.core.search.errors import ModelError

ONNX_FILE = "model.onnx"
META_FILE = "meta.json"
IN_USE_FILE = "IN_USE"
"""Next to the models: names the folder of the adopted one."""
SCHEMA_VERSION = 1


class ModelInput(BaseModel):
    """The tensor a model takes: RGB pictures, uint8; it normalises them itself."""

    model_config = ConfigDict(frozen=True)

    width: int
    height: int
    layout: Literal["NHWC"]
    dtype: Literal["uint8"]


class ModelMeta(BaseModel):
    """What has to be known to use a model; the rest of `meta.json` tells where it comes from."""

    model_config = ConfigDict(frozen=True, extra="allow")

    schema_version: int
    model_id: str
    dimension: int
    input: ModelInput
    calibration: dict[str, Any] | None = None


def compute_model_id(onnx: bytes, meta: Mapping[str, Any]) -> str:
    """Return the id that names a model: any change of weights or of their use changes it.

    Args:
        onnx: the content of `model.onnx`.
        meta: `meta.json`; its own `compute_model_id` is left out.
    """
    rest = {key: value for key, value in meta.items() if key != "model_id"}
    digest = blake2b(onnx, digest_size=16)
    digest.update(json.dumps(rest, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()[:12]


def read_model(folder: Path) -> tuple[ModelMeta, bytes]:
    """Read and check a model's folder.

    Returns:
        Its meta data, and the content of `model.onnx`.

    Raises:
        ModelError: a file is missing, damaged, or from another version.
    """
    try:
        raw = json.loads((folder / META_FILE).read_text(encoding="utf-8"))
        onnx = (folder / ONNX_FILE).read_bytes()
        version = raw.get("schema_version")
        if version != SCHEMA_VERSION:
            raise ModelError(
                f"{folder}: a model of version {version}; this program reads {SCHEMA_VERSION}"
            )
        meta = ModelMeta.model_validate(raw)
    except OSError as error:
        raise ModelError(f"{folder}: not a model's folder: {error}") from error
    except (ValueError, ValidationError, AttributeError) as error:
        raise ModelError(f"{folder / META_FILE}: {error}") from error
    if compute_model_id(onnx, raw) != meta.model_id:
        raise ModelError(f"{folder}: {ONNX_FILE} and {META_FILE} do not belong together")
    return meta, onnx


def base_model_folder() -> Path:
    """Return the folder of the model that ships with the package."""
    return Path(__file__).parent / "base_model"

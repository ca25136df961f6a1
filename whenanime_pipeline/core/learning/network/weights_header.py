"""Which network stored weights belong to, read without loading them; no torch here."""

import json
from pathlib import Path
from typing import Any

from whenanime_pipeline.core.learning.errors import NetworkError, WeightsError
from whenanime_pipeline.core.learning.network.architecture import NetworkOptions
from whenanime_pipeline.core.search.embedding.model_files import META_FILE

WEIGHTS_FILE = "weights.safetensors"
SCHEMA = "1"
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_LARGEST = 1 << 24  # bytes of a header; they hold kilobytes


def weights_path(path: Path) -> Path:
    """Return the file of weights that is meant: `path`, or the one in that model's folder."""
    return path / WEIGHTS_FILE if path.is_dir() else path


def read_network_options(path: Path) -> NetworkOptions | None:
    """Return what the network of a model's folder or of a file of weights is built from.

    Args:
        path: a model's folder, or a safetensors file, whose header or `meta.json` is read.

    Returns:
        None when neither says.

    Raises:
        WeightsError: it is missing, damaged, a pickle, or from another version.
    """
    file = weights_path(path)
    header = read_header(file)
    if "network" in header:
        return _options(file, header["network"])
    meta = file.with_name(META_FILE)
    return read_folder_options(file.parent) if meta.is_file() else None


def read_folder_options(folder: Path) -> NetworkOptions:
    """Return the network options of a model's folder, from its `meta.json`.

    Raises:
        WeightsError: there is none, or it does not say.
    """
    meta = folder / META_FILE
    try:
        stored = json.loads(meta.read_text(encoding="utf-8"))["network"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{meta}: does not describe a network: {error}") from error
    return _options(meta, stored)


def make_header(options: NetworkOptions) -> dict[str, str]:
    """Return the header of a file of weights, with the options of their network."""
    return {"schema": SCHEMA, "network": json.dumps(options.to_json())}


def sort_header(content: bytes) -> bytes:
    """Return a safetensors file with its metadata sorted; safetensors writes it in any order."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at multiples of 8
    return len(text).to_bytes(8, "little") + text + content[end:]


def read_header(file: Path) -> dict[str, str]:
    """Return the metadata in the header of a safetensors file.

    Raises:
        WeightsError: the file is missing, a pickle, damaged in its beginning, or from another
            version.
    """
    try:
        with file.open("rb") as stream:
            begin = stream.read(8)
            if begin.startswith(_PICKLES):
                raise WeightsError(
                    f"{file}: a pickle, which can run code; only safetensors are read"
                )
            size = int.from_bytes(begin, "little")
            content = stream.read(size) if size <= _LARGEST else b""
    except OSError as error:
        raise WeightsError(f"{file}: cannot be read: {error}") from error
    try:
        header: dict[str, str] = json.loads(content).get("__metadata__", {})
    except (ValueError, AttributeError) as error:
        raise WeightsError(f"{file}: damaged, or no safetensors file: {error}") from error
    if "network" in header and header.get("schema") != SCHEMA:
        raise WeightsError(
            f"{file}: weights of version {header.get('schema')}; this program reads {SCHEMA}"
        )
    return header


def _options(path: Path, stored: Any) -> NetworkOptions:  # noqa: ANN401 what JSON gives
    try:
        values = json.loads(stored) if isinstance(stored, str) else stored
        return NetworkOptions.from_json(values)
    except (ValueError, TypeError, AttributeError, NetworkError) as error:
        raise WeightsError(f"{path}: does not describe a network: {error}") from error

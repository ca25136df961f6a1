"""Names detectors that are files of the user's, by content, without loading them."""

import hashlib
from pathlib import Path

from whenanime_pipeline.core.characters.errors import DetectorError

_KINDS = {".onnx": "onnx", ".xml": "cascade"}
_MAX_BYTES = 512 << 20


def read_detector_file(path: Path) -> tuple[str, bytes]:
    """Return the id and the content of a detector's file.

    Raises:
        DetectorError: it is missing, cannot be read, or is larger than any detector.
    """
    try:
        if not path.is_file():
            raise DetectorError(f"{path}: no such file")
        if path.stat().st_size > _MAX_BYTES:
            raise DetectorError(f"{path}: is larger than {_MAX_BYTES >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise DetectorError(f"{path}: cannot be read ({error.strerror or error})") from error
    return f"{_KINDS[path.suffix.lower()]}-{hashlib.sha256(content).hexdigest()[:12]}", content

"""Measures how much of a picture is text, by the text detector inside the package `rapidocr`.

That package is optional and not imported: of it only the network is needed, PP-OCR's differentiable
binarisation (Liao et al. 2020), which ONNX Runtime opens as it is.
"""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from whenanime_pipeline.core.search.errors import ModelError

TEXT_THRESHOLD = 0.3
"""Probability above which a pixel is text; PP-OCR's own."""
_PACKAGE = "rapidocr"
_PATTERN = "*_det_*.onnx"
_MULTIPLE = 32
"""The network halves its input five times."""
_RENEW = "pip install 'whenanime[text]'"


@dataclass(frozen=True, slots=True)
class TextModel:
    """The detector's file.

    Attributes:
        path: the network.
        id: name and version of what it is.
    """

    path: Path
    id: str


def find_text_model() -> TextModel | None:
    """Find the text detector; None where the extra `text` is not installed.

    Raises:
        ModelError: the package is installed without its detector.
    """
    try:
        package = distribution(_PACKAGE)
    except PackageNotFoundError:
        return None
    found = sorted(file for file in package.files or () if file.match(_PATTERN))
    for file in found:
        path = Path(str(package.locate_file(file)))
        if path.is_file():
            return TextModel(path, f"{_PACKAGE} {package.version} {file.name}")
    raise ModelError(f"{_PACKAGE} {package.version} holds no text detector: {_RENEW}")


class TextDetector:
    """A loaded text detector. Safe to share between threads."""

    def __init__(self, model_id: str, session: onnxruntime.InferenceSession) -> None:
        self.id = model_id
        self._session = session
        self._input = session.get_inputs()[0].name

    @classmethod
    def load(cls, model: TextModel, *, threads: int = 0) -> Self:
        """Load a detector.

        Args:
            model: what `find_text_model` returns.
            threads: for the network; 0 leaves it to the runtime: one a core.

        Raises:
            ModelError: the runtime cannot load it.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Waiting threads that spin take the cores from the decoder and from searches.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        onnxruntime.disable_telemetry_events()
        try:
            session = onnxruntime.InferenceSession(
                str(model.path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's errors share no base class
            reason = f"{model.path}: ONNX Runtime cannot load it; {_RENEW} again ({error})"
            raise ModelError(reason) from error
        return cls(model.id, session)

    def measure_share(self, picture: NDArray[np.uint8]) -> float:
        """Return the share of a picture that is text, from 0 to 1.

        Args:
            picture: RGB, `(height, width, 3)`, at the size of stored frames.
        """
        height, width = (
            max(_MULTIPLE, round(side / _MULTIPLE) * _MULTIPLE) for side in picture.shape[:2]
        )
        fitted = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
        bgr = fitted[..., ::-1].astype(np.float32) / np.float32(127.5) - 1
        batch = np.ascontiguousarray(bgr.transpose(2, 0, 1)[None])
        probability: NDArray[np.float32] = self._session.run(None, {self._input: batch})[0]
        return float((probability > TEXT_THRESHOLD).mean())

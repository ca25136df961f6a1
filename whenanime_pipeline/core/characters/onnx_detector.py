"""Finds faces with a network of the user's own, as an ONNX file.

The file's contract:

- one input, float32 `(1, 3, height, width)`: RGB, 0 to 1. Where height and width are fixed, the
  picture is scaled to fit and padded at the right and the bottom with black; where they are not,
  its longer side is scaled to 640 pixels, and both are padded to multiples of 32;
- first output, float32 `(1, n, 5)` or `(1, n, 15)`, in pixels of the input: left, top, right,
  bottom, score of 0 to 1, and where there are more, x and y of `LANDMARKS`. Overlapping boxes are
  dropped here.
"""

from pathlib import Path
from typing import Self

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.boxes import suppress_overlaps
from whenanime_pipeline.core.characters.detector_file import read_detector_file
from whenanime_pipeline.core.characters.errors import DetectorError
from whenanime_pipeline.core.characters.found_faces import LANDMARKS, FoundFaces

MIN_SCORE = 0.5
_MAX_IOU = 0.4
_LONG_SIDE, _MULTIPLE = 640, 32
_COLUMNS = (5, 5 + 2 * len(LANDMARKS))
_MAX_SIDE = 2048
"""Pixels of a fixed input; larger ones are refused, as one picture would take a gigabyte."""


class OnnxDetector:
    """A loaded network. Safe to share between threads.

    Attributes:
        id: hash of the file.
    """

    def __init__(self, path: Path, name: str, session: onnxruntime.InferenceSession) -> None:
        self.id = name
        self._path = path
        self._session = session
        self._input = session.get_inputs()[0].name
        height, width = session.get_inputs()[0].shape[2:]
        self._size = (height, width) if isinstance(height, int) and isinstance(width, int) else None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load a network.

        Raises:
            DetectorError: the file cannot be read or loaded, or has another input.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        onnxruntime.disable_telemetry_events()
        name, content = read_detector_file(path)
        try:
            session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's errors share no base class
            reason = f"{path}: ONNX Runtime cannot load it ({error})"
            raise DetectorError(reason) from error
        shape = session.get_inputs()[0].shape
        sides = [side for side in shape[2:] if isinstance(side, int)]
        if len(shape) != 4 or shape[1] != 3 or max(sides, default=0) > _MAX_SIDE:
            raise DetectorError(f"{path}: its input is {shape}, and not (1, 3, height, width)")
        return cls(path, name, session)

    def find_faces(self, picture: NDArray[np.uint8]) -> FoundFaces:
        """Find the faces of a picture, as `FaceDetector.find_faces`.

        Raises:
            DetectorError: the network fails, or has another output.
        """
        batch, scale = self._prepare(picture)
        try:
            rows = np.asarray(self._session.run(None, {self._input: batch})[0], np.float32)
        except Exception as error:  # the runtime's errors share no base class
            raise DetectorError(f"{self._path}: fails at a picture ({error})") from error
        if rows.ndim != 3 or rows.shape[0] != 1 or rows.shape[2] not in _COLUMNS:
            reason = f"its output is {rows.shape}, and not (1, n, 5) or (1, n, 15)"
            raise DetectorError(f"{self._path}: {reason}")
        rows = rows[0][np.isfinite(rows[0]).all(axis=1)]
        rows = rows[rows[:, 4] >= MIN_SCORE]
        rows = rows[suppress_overlaps(rows[:, :4], rows[:, 4], _MAX_IOU)]
        points = rows[:, 5:].reshape(len(rows), -1, 2) if rows.shape[1] > 5 else None
        return FoundFaces.make(rows[:, :4], rows[:, 4], points).scale(1 / scale)

    def _prepare(self, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
        """Return the network's input and the factor by which the picture was enlarged for it."""
        height, width = picture.shape[:2]
        if self._size is None:
            scale = _LONG_SIDE / max(height, width)
        else:
            scale = min(self._size[0] / height, self._size[1] / width)
        fitted = max(1, round(height * scale)), max(1, round(width * scale))
        tall, wide = self._size or tuple(-(-side // _MULTIPLE) * _MULTIPLE for side in fitted)
        how = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
        scaled = cv2.resize(picture, fitted[::-1], interpolation=how)
        batch = np.zeros((1, 3, tall, wide), np.float32)
        batch[0, :, : fitted[0], : fitted[1]] = scaled.transpose(2, 0, 1) / np.float32(255)
        return batch, scale

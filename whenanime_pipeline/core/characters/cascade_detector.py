"""Finds faces with a cascade of the user's own, as OpenCV trains them (Viola & Jones 2001)."""

import threading
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.detector_file import read_detector_file
from whenanime_pipeline.core.characters.errors import DetectorError
from whenanime_pipeline.core.characters.found_faces import FoundFaces

_LONG_SIDE = 640
_SCALE_FACTOR, _NEIGHBOURS, _MIN_SIDE = 1.1, 5, 24


class CascadeDetector:
    """A loaded cascade. Safe to share between threads, which take turns.

    Attributes:
        id: hash of the file.
    """

    def __init__(self, name: str, cascade: cv2.CascadeClassifier) -> None:
        self.id = name
        self._cascade = cascade
        self._lock = threading.Lock()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load a cascade.

        Raises:
            DetectorError: the file cannot be read, or holds no cascade.
        """
        name, _ = read_detector_file(path)
        try:
            cascade = cv2.CascadeClassifier(str(path))
        except (OSError, SystemError, cv2.error) as error:
            raise DetectorError(f"{path}: cannot be read ({error})") from error
        if cascade.empty():
            raise DetectorError(f"{path}: holds no cascade of OpenCV's")
        return cls(name, cascade)

    def find_faces(self, picture: NDArray[np.uint8]) -> FoundFaces:
        """Find the faces of a picture, as `FaceDetector.find_faces`.

        Scores are squashed weights of the last stage; a cascade has no landmarks.
        """
        height, width = picture.shape[:2]
        scale = _LONG_SIDE / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        gray = cv2.equalizeHist(cv2.cvtColor(cv2.resize(picture, size), cv2.COLOR_RGB2GRAY))
        with self._lock:
            rects, _, weights = self._cascade.detectMultiScale3(
                gray,
                scaleFactor=_SCALE_FACTOR,
                minNeighbors=_NEIGHBOURS,
                minSize=(_MIN_SIDE, _MIN_SIDE),
                outputRejectLevels=True,
            )
        boxes = np.asarray(rects, np.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        scores = 1 / (1 + np.exp(-np.asarray(weights, np.float32).reshape(-1)))
        return FoundFaces.make(boxes, scores.astype(np.float32)).scale(1 / scale)

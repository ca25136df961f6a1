"""Refuses a detector that finds nothing where a face is.

`known_face.jpg` is one picture of the drawn sample, stored as frames are.
"""

from pathlib import Path

import numpy as np

from whenanime_pipeline.core.characters.boxes import compute_iou
from whenanime_pipeline.core.characters.errors import DetectorError
from whenanime_pipeline.core.characters.found_faces import FaceDetector
from whenanime_pipeline.core.media.picture_codec import decode_stored_frame

_PICTURE = Path(__file__).parent / "known_face.jpg"
_FACE = np.array([[112, 60, 216, 166]], np.float32)
"""Between the drawn face, with its fringe, and what a detector of eyes, nose and mouth boxes."""
_MIN_IOU = 0.3


def check_detector(detector: FaceDetector, advice: str) -> None:
    """Let a detector find the known face.

    Args:
        detector: what is tested.
        advice: what to do about a detector that fails, as an imperative.

    Raises:
        DetectorError: it does not find the face.
    """
    found = detector.find_faces(decode_stored_frame(_PICTURE.read_bytes()))
    if not (compute_iou(found.boxes, _FACE) > _MIN_IOU).any():
        raise DetectorError(
            f"the face detector {detector.id} does not find the face of its self-test, and would "
            f"find none in your videos; {advice}"
        )

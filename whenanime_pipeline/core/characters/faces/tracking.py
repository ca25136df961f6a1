"""Joins the faces of one shot into tracks: the same character from look to look."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.boxes import compute_iou

CODE_VERSION = 1
_MIN_IOU = 0.3
_MIN_SIMILARITY, _MIN_SIMILARITY_ELSEWHERE = 0.4, 0.8
"""Cosine of two crops' embeddings above which they may be one character: where their boxes overlap,
and where they do not, as when someone walks or the camera moves."""
_MAX_SHIFT = 3.0
"""Distance of two faces' centres in widths of the larger one, for boxes that do not overlap."""


def track_faces(
    looks: Sequence[NDArray[np.float32]], embeddings: Sequence[NDArray[np.float32]]
) -> list[NDArray[np.int32]]:
    """Number the tracks of a shot.

    Two faces of one look are never one track.

    Args:
        looks: boxes of each look in order of time, `(n, 4)` each.
        embeddings: of their crops, `(n, dimension)` each, of unit length.

    Returns:
        The number of each face's track, `(n,)` for each look, from 0.
    """
    last_boxes: list[NDArray[np.float32]] = []
    last_vectors: list[NDArray[np.float32]] = []
    numbers: list[NDArray[np.int32]] = []
    for boxes, vectors in zip(looks, embeddings, strict=True):
        own = np.full(len(boxes), -1, np.int32)
        if len(boxes) and last_boxes:
            scores = _score_pairs(np.stack(last_boxes), np.stack(last_vectors), boxes, vectors)
            while scores.size and scores.max() > 0:
                track, face = divmod(int(scores.argmax()), scores.shape[1])
                own[face] = track
                scores[track], scores[:, face] = 0, 0
        for face in range(len(boxes)):
            if own[face] < 0:
                own[face] = len(last_boxes)
                last_boxes.append(boxes[face])
                last_vectors.append(vectors[face])
            else:
                last_boxes[own[face]], last_vectors[own[face]] = boxes[face], vectors[face]
        numbers.append(own)
    return numbers


def _score_pairs(
    last_boxes: NDArray[np.float32],
    last_vectors: NDArray[np.float32],
    boxes: NDArray[np.float32],
    vectors: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return how well each face continues each track, `(tracks, faces)`; 0 where it does not."""
    iou = compute_iou(last_boxes, boxes)
    similarity = last_vectors @ vectors.T
    centres = [(one[:, :2] + one[:, 2:]) / 2 for one in (last_boxes, boxes)]
    widths = [one[:, 2] - one[:, 0] for one in (last_boxes, boxes)]
    shift = np.linalg.norm(centres[0][:, None] - centres[1][None], axis=2)
    is_near = shift < _MAX_SHIFT * np.maximum(widths[0][:, None], widths[1][None])
    may_be_one = ((iou >= _MIN_IOU) & (similarity >= _MIN_SIMILARITY)) | (
        is_near & (similarity >= _MIN_SIMILARITY_ELSEWHERE)
    )
    scores: NDArray[np.float32] = np.where(may_be_one, iou + similarity, 0).astype(np.float32)
    return scores

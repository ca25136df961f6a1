"""Joins the faces found in a picture with those found in its mirror image.

Faces are seldom symmetric and windows fall differently on them, so that each pass finds faces that
the other misses; what is no face is seldom taken for one in both.
"""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.boxes import compute_iou, suppress_overlaps
from whenanime_pipeline.core.characters.found_faces import FoundFaces

_SAME_IOU = 0.3
_MAX_IOU = 0.1
_MIRRORED_POINTS = (1, 0, 2, 3, 4)
"""Order of `LANDMARKS` in a mirror image: the eyes change sides."""


def mirror_faces(faces: FoundFaces, width: float) -> FoundFaces:
    """Return the faces of a mirror image in the pixels of the picture, which has that width."""
    boxes, points = faces.boxes.copy(), faces.landmarks[:, _MIRRORED_POINTS].copy()
    boxes[:, [0, 2]] = np.float32(width) - faces.boxes[:, [2, 0]]
    points[..., 0] = np.float32(width) - points[..., 0]
    return FoundFaces(boxes, faces.scores, points)


def merge_passes(first: FoundFaces, second: FoundFaces) -> FoundFaces:
    """Return the faces of two passes, in the same pixels, without overlaps.

    Scores are the mean of both passes', with 0 where one found nothing; boxes and landmarks of a
    face that both found are means as well.
    """
    partners = _pair_faces(compute_iou(first.boxes, second.boxes))
    has_partner = partners >= 0
    is_alone = np.ones(len(second), bool)
    is_alone[partners[has_partner]] = False
    other = second.select(is_alone)
    merged = [
        np.concatenate([_average(own, theirs, partners), rest])
        for own, theirs, rest in (
            (first.boxes, second.boxes, other.boxes),
            (first.landmarks, second.landmarks, other.landmarks),
        )
    ]
    paired = first.scores.copy()
    paired[has_partner] += second.scores[partners[has_partner]]
    scores = (np.concatenate([paired, other.scores]) / 2).astype(np.float32)
    keep = suppress_overlaps(merged[0], scores, _MAX_IOU)
    return FoundFaces.make(merged[0][keep], scores[keep], merged[1][keep])


def _pair_faces(iou: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the partner of each face of the first pass, `(n,)`; -1 where it has none."""
    partners = np.full(len(iou), -1, np.int64)
    iou = iou.copy()
    while iou.size and iou.max() > _SAME_IOU:
        own, theirs = divmod(int(iou.argmax()), iou.shape[1])
        partners[own] = theirs
        iou[own], iou[:, theirs] = 0, 0
    return partners


def _average(
    own: NDArray[np.float32], theirs: NDArray[np.float32], partners: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the values of the first pass, averaged with those of partners."""
    averaged = own.copy()
    has_partner = partners >= 0
    averaged[has_partner] = (own[has_partner] + theirs[partners[has_partner]]) / np.float32(2)
    return averaged

"""Pictures as they are stored of an episode, with the faces that are in them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.picture_codec import decode_stored_frame, encode_stored_frame
from whenanime_pipeline.core.search.frames.sampling import LONG_SIDE


@dataclass(frozen=True, slots=True, eq=False)
class FacePicture:
    """A picture of the size of stored frames, and its faces.

    Attributes:
        name: of the picture, for lists of mistakes.
        picture: RGB, `(height, width, 3)`, of the size of stored frames.
        faces: `(n, 4)` float32: left, top, right, bottom, in its pixels.
        unclear: `(m, 4)`: faces that may be found or not, such as very small ones.
    """

    name: str
    picture: NDArray[np.uint8]
    faces: NDArray[np.float32]
    unclear: NDArray[np.float32]


def store_picture(
    name: str,
    picture: NDArray[np.uint8],
    faces: NDArray[np.float32] | None = None,
    unclear: NDArray[np.float32] | None = None,
) -> FacePicture:
    """Reduce a picture and its boxes to the size of stored frames, and compress it as they are.

    Args:
        name: of the picture.
        picture: RGB, of any size.
        faces: `(n, 4)` in its pixels; none when None.
        unclear: `(m, 4)`; none when None.
    """
    height, width = picture.shape[:2]
    scale = LONG_SIDE / max(height, width)
    size = round(width * scale), round(height * scale)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    stored = decode_stored_frame(encode_stored_frame(np.ascontiguousarray(small)))
    none = np.zeros((0, 4), np.float32)
    factor = np.float32(scale)
    return FacePicture(
        name,
        stored,
        none if faces is None else faces * factor,
        none if unclear is None else unclear * factor,
    )

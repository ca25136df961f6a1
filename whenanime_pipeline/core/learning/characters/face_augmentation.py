"""Changes face crops as detectors, lights and codecs do: no hue jitter, no warping.

Hue and shape are what tells characters apart.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.embedding.crops import FACE_MARGIN

Crop = NDArray[np.uint8]
Rng = np.random.Generator


@dataclass(frozen=True)
class FaceAugmentation:
    """Strengths of the changes.

    Attributes:
        shift: largest shift of the box, as a share of its side.
        zoom: range of the factor of the box's side.
        gain: range of the factor of all channels.
        low_resolution: share of the faces that are reduced and enlarged again.
        smallest: smallest side that those are reduced to, in pixels.
    """

    shift: float = 0.08
    zoom: tuple[float, float] = (0.9, 1.14)
    gain: tuple[float, float] = (0.82, 1.12)
    low_resolution: float = 0.25
    smallest: int = 36

    def change(self, crop: Crop, margin: float, side: int, rng: Rng) -> Crop:
        """Return a changed face.

        Args:
            crop: `(s, s, 3)` RGB with this margin around the face.
            margin: share of the face's side.
            side: side of the result in pixels.
            rng: chooses the changes.

        Returns:
            `(side, side, 3)`: the face with about `FACE_MARGIN` around it.
        """
        face = crop.shape[0] / (1 + 2 * margin)
        wanted = face * (1 + 2 * FACE_MARGIN) * float(rng.uniform(*self.zoom))
        centre = crop.shape[0] / 2 + face * rng.uniform(-self.shift, self.shift, 2)
        scale = side / wanted
        flip = -1.0 if rng.random() < 0.5 else 1.0
        matrix = np.array(
            [
                [scale * flip, 0, side / 2 - scale * flip * centre[0]],
                [0, scale, side / 2 - scale * centre[1]],
            ]
        )
        view = cv2.warpAffine(
            crop, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        if rng.random() < self.low_resolution:
            size = int(rng.integers(self.smallest, side))
            view = cv2.resize(view, (size, size), interpolation=cv2.INTER_AREA)
            view = cv2.resize(view, (side, side), interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.convertScaleAbs(view, alpha=float(rng.uniform(*self.gain))), np.uint8)

"""Named faces to train on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelledFaces:
    """Crops of faces with their names; all arrays have one row per face.

    Attributes:
        crops: `(n, side, side, 3)` uint8 RGB, wider than what the network sees.
        names: `(n,)` number of the name.
        groups: `(n,)` number of the series; a batch has several names of one series, since those
            are the ones that are mixed up.
        margin: margin of the crops on each side of the face, as a share of the face's side.
    """

    crops: NDArray[np.uint8]
    names: NDArray[np.int64]
    groups: NDArray[np.int64]
    margin: float

    def __len__(self) -> int:
        return len(self.names)

"""Local features of a picture: upright RootSIFT."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

DIMENSION = 128
"""Components of a descriptor: 4 rows × 4 columns × 8 directions, as SIFT has them."""


def _mirror() -> NDArray[np.int64]:
    """Return the permutation of a descriptor's components under mirroring, `(128,)`.

    Columns are reversed, and a gradient of direction a becomes 180° - a.
    """
    own = np.arange(DIMENSION).reshape(4, 4, 8)
    return own[:, ::-1, [(4 - direction) % 8 for direction in range(8)]].ravel()


_MIRROR = _mirror()


@dataclass(frozen=True, slots=True)
class LocalFeatures:
    """The local features of one picture.

    Lengths are in units of the picture's width, so that they mean the same at every resolution.

    Attributes:
        points: `(n, 2)`, x to the right and y down from the upper left corner.
        sizes: `(n,)`, diameters of the features.
        descriptors: `(n, 128)`, RootSIFT of unit length (Arandjelović and Zisserman 2012).
        aspect: height of the picture.
    """

    points: NDArray[np.float32]
    sizes: NDArray[np.float32]
    descriptors: NDArray[np.float32]
    aspect: float

    def __len__(self) -> int:
        return len(self.sizes)

    def mirror(self) -> Self:
        """Return the features of the mirror image, by rearranging the components.

        This holds for upright features only, not for those rotated to their dominant gradient.
        """
        flipped = self.points.copy()
        flipped[:, 0] = 1 - flipped[:, 0]
        return type(self)(flipped, self.sizes, self.descriptors[:, _MIRROR], self.aspect)

    def take_first(self, count: int) -> Self:
        """Return the first `count` features, which are the strongest."""
        return type(self)(
            self.points[:count], self.sizes[:count], self.descriptors[:count], self.aspect
        )

    @classmethod
    def empty(cls, aspect: float) -> Self:
        """Return no features, of a picture with an aspect."""
        empty = np.zeros((0, DIMENSION), np.float32)
        return cls(np.zeros((0, 2), np.float32), np.zeros(0, np.float32), empty, aspect)

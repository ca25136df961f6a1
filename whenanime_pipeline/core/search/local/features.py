"""What a picture is made of: upright patches, each described by 128 numbers."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

DIMENSION = 128
"""Components of a descriptor: 4 rows × 4 columns × 8 directions, as SIFT has them."""


def _mirror() -> NDArray[np.int64]:
    """Return which component of a patch stands where in its mirror image.

    Columns change sides, and a gradient of direction a points to 180° - a.
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
        sizes: `(n,)`, diameters of what is described.
        descriptors: `(n, 128)`, RootSIFT (Arandjelović & Zisserman 2012): of unit length.
        aspect: the picture's height.
    """

    points: NDArray[np.float32]
    sizes: NDArray[np.float32]
    descriptors: NDArray[np.float32]
    aspect: float

    def __len__(self) -> int:
        return len(self.sizes)

    def mirror(self) -> Self:
        """Return the features of the mirror image, which are those of the picture, rearranged.

        Only because patches are upright: a patch turned by its own gradient has no such rule.
        """
        flipped = self.points.copy()
        flipped[:, 0] = 1 - flipped[:, 0]
        return type(self)(flipped, self.sizes, self.descriptors[:, _MIRROR], self.aspect)

    def take_first(self, count: int) -> Self:
        """Return the first of the features, which are the best ones."""
        return type(self)(
            self.points[:count], self.sizes[:count], self.descriptors[:count], self.aspect
        )

    @classmethod
    def empty(cls, aspect: float) -> Self:
        """Return the features of a picture that shows nothing."""
        empty = np.zeros((0, DIMENSION), np.float32)
        return cls(np.zeros((0, 2), np.float32), np.zeros(0, np.float32), empty, aspect)

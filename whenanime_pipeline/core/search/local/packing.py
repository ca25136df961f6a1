"""Packs the position and size of a feature into 32 bits.

Lengths are in units of the picture's width, as in `LocalFeatures`.
"""

import numpy as np
from numpy.typing import NDArray

_X, _Y, _SIZE = 12, 13, 7
"""Bits of x, y and size; a step of x or y is 1/4096 of the width, 1/16 of a keyframe's pixel."""
_STEPS = 1 << _X
_HIGHEST = (1 << _Y) - 1
_LARGEST = (1 << _SIZE) - 1
_OCTAVES = 9
"""Sizes from 1/512 of the width up to all of it, in steps of 5 %."""

PackedGeometry = NDArray[np.uint32]


def pack(points: NDArray[np.float32], sizes: NDArray[np.float32]) -> PackedGeometry:
    """Round points and sizes to 32 bits.

    Args:
        points: `(n, 2)`, positions; y is clipped to 2, at twice the width.
        sizes: `(n,)`, diameters, greater than 0.

    Returns:
        `(n,)`, packed.
    """
    places = np.rint(points * np.float32(_STEPS))
    x = places[:, 0].clip(0, _STEPS - 1).astype(np.uint32)
    y = places[:, 1].clip(0, _HIGHEST).astype(np.uint32)
    octaves = np.log2(np.maximum(sizes, np.finfo(np.float32).tiny)) + _OCTAVES
    size = np.rint(octaves * (_LARGEST / _OCTAVES)).clip(0, _LARGEST).astype(np.uint32)
    packed: PackedGeometry = x << (_Y + _SIZE) | y << _SIZE | size
    return packed


def unpack(geometry: PackedGeometry) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Unpack points `(n, 2)` and sizes `(n,)`."""
    points = np.empty((len(geometry), 2), np.float32)
    points[:, 0] = geometry >> (_Y + _SIZE)
    points[:, 1] = geometry >> _SIZE & _HIGHEST
    points /= np.float32(_STEPS)
    return points, _SIZES[geometry & _LARGEST]


_SIZES = np.exp2(np.arange(_LARGEST + 1) * (_OCTAVES / _LARGEST) - _OCTAVES).astype(np.float32)

"""Descriptors to compare with: MPEG-7's Color Layout, as in trace.moe, and a DCT hash."""

import cv2
import numpy as np
from imagehash import phash
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Coefficients = NDArray[np.int64]

_KEPT = (21, 6, 6)
"""Coefficients that trace.moe keeps of Y, Cb and Cr."""
_WEIGHTS = ((2, 2, 2), (2, 1, 1), (4, 2, 2))
"""Weights of the first coefficients of each channel in LIRE's distance, 1 for the others:
ColorLayoutImpl.java of github.com/dermotte/LIRE (`setWeightingValues`, `getSimilarity`)."""
_GRID = 8
_POPULATION = np.array([bin(byte).count("1") for byte in range(256)], np.uint8)


class ColorLayout:
    """MPEG-7's Color Layout (ISO/IEC 15938-3), quantised and compared as LIRE does it.

    The descriptor is the DCT of the mean YCbCr colours of an 8×8 grid: 21 coefficients of Y and 6
    each of Cb and Cr, in zigzag order. The distance is the sum of the channels' weighted Euclidean
    distances.
    """

    id = "color-layout"
    name = "Color Layout"
    bytes_per_frame = float(sum(_KEPT))

    def __init__(self) -> None:
        order = _zigzag()
        self._places = [order[:count] for count in _KEPT]
        self._weights = [
            np.array((*first, *[1] * (count - len(first))))
            for count, first in zip(_KEPT, _WEIGHTS, strict=True)
        ]

    def describe(self, picture: Picture) -> Coefficients:
        """Return the 33 quantised coefficients of an RGB picture, `(33,)`."""
        means = _field_means(picture)
        parts = []
        for channel, places in enumerate(self._places):
            coefficients = np.floor(cv2.dct(means[..., channel]).ravel() + 0.5).astype(np.int64)
            rest = coefficients[places[1:]]
            if channel == 0:
                parts += [_luma_level(coefficients[0] >> 3) >> 1, *_ac_levels(rest >> 1)]
            else:
                parts += [_chroma_level(coefficients[0] >> 3), *_ac_levels(rest)]
        return np.array(parts, np.int64)

    def distances(self, one: Coefficients, many: Coefficients) -> NDArray[np.floating]:
        """Return LIRE's distance of each of `(n, 33)` descriptors to one, `(n,)`."""
        squares = (many - one) ** 2
        ends = np.cumsum((0, *_KEPT))
        total: NDArray[np.float64] = np.sum(
            [
                np.sqrt(squares[:, start:end] @ weights)
                for start, end, weights in zip(ends[:-1], ends[1:], self._weights, strict=True)
            ],
            axis=0,
        )
        return total


class PerceptualHash:
    """The 64-bit DCT hash of ImageHash, by Hamming distance."""

    id = "phash"
    name = "pHash"
    bytes_per_frame = 8.0

    def describe(self, picture: Picture) -> Picture:
        """Return the hash of an RGB picture, `(8,)` bytes."""
        return np.packbits(phash(Image.fromarray(picture)).hash.ravel())

    def distances(self, one: Picture, many: Picture) -> NDArray[np.floating]:
        """Return the Hamming distance of each of `(n, 8)` hashes to one, `(n,)`."""
        return np.asarray(_POPULATION[many ^ one].sum(axis=1), np.float32)


def _field_means(picture: Picture) -> NDArray[np.float64]:
    """Return the mean Y, Cb and Cr (BT.601, video range) of an 8×8 grid, `(8, 8, 3)` integers."""
    red, green, blue = (picture[..., channel].astype(np.float32) / 256 for channel in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    planes = (219 * luma + 16.5, 224 * 0.564 * (blue - luma) + 128.5,
              224 * 0.713 * (red - luma) + 128.5)  # fmt: skip
    rows = np.arange(picture.shape[0]) * _GRID // picture.shape[0]
    columns = np.arange(picture.shape[1]) * _GRID // picture.shape[1]
    sums = np.zeros((_GRID, _GRID, 3))
    tops = np.searchsorted(rows, np.arange(_GRID))
    lefts = np.searchsorted(columns, np.arange(_GRID))
    for channel, plane in enumerate(planes):
        across = np.add.reduceat(np.floor(plane), lefts, axis=1, dtype=np.float64)
        sums[..., channel] = np.add.reduceat(across, tops, axis=0)
    counts = np.outer(np.bincount(rows, minlength=_GRID), np.bincount(columns, minlength=_GRID))
    return np.floor(sums / counts[..., None])


def _luma_level(value: int) -> int:
    """Return MPEG-7's quantised level of a mean luma, finer in the middle."""
    value = int(value)
    for low, base, shift in ((192, 112, 2), (160, 96, 1), (96, 32, 0), (64, 16, 1)):
        if value > low:
            return base + ((value - low) >> shift)
    return value >> 2


def _chroma_level(value: int) -> int:
    """Return MPEG-7's quantised level of a mean chroma."""
    value = int(value)
    if value > 191:
        return 63
    for low, base, shift in ((160, 56, 2), (144, 48, 1), (112, 16, 0), (96, 8, 1), (64, 0, 2)):
        if value > low:
            return base + ((value - low) >> shift)
    return 0


def _ac_levels(values: Coefficients) -> Coefficients:
    """Return the quantised levels of the other coefficients, coarser for larger ones."""
    size = np.abs(np.clip(values, -256, 255))
    level = np.where(size > 127, 64 + (size >> 2), np.where(size > 63, 32 + (size >> 1), size))
    signed: Coefficients = (np.where(values < 0, -level, level) + 128) >> 3
    return signed


def _zigzag() -> NDArray[np.intp]:
    """Return the flat indices of an 8×8 table in zigzag order, from low to high frequencies."""
    places = [(row, column) for row in range(_GRID) for column in range(_GRID)]
    places.sort(key=lambda p: (sum(p), p[0] if sum(p) % 2 else p[1]))
    return np.array([row * _GRID + column for row, column in places])

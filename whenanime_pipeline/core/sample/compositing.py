"""Composites finished cells: overlay, dissolve and blur, on pixels only."""

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
Picture = NDArray[np.uint8]


def gaussian_blur(picture: Picture, sigma: float) -> Picture:
    """Blur by a Gaussian at a cost independent of its width: wide blurs run at a small size.

    Args:
        picture: (h, w) or (h, w, channels) uint8.
        sigma: standard deviation in pixels.
    """
    height, width = picture.shape[:2]
    shrink = min(int(sigma / 2.5), min(height, width) // 4)
    if shrink < 2:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    size = (width // shrink, height // shrink)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def composite_over(below: Picture, cell: Picture, left: int, top: int) -> None:
    """Composite a premultiplied RGBA cell over an RGB or RGBA picture in place, cropped to it.

    Args:
        below: (h, w, 3 or 4) uint8, changed in place.
        cell: (ch, cw, 4) uint8, premultiplied.
        left: x of the cell's left edge in `below`, may be negative.
        top: y of the cell's top edge in `below`, may be negative.
    """
    height, width, channels = below.shape
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(width, left + cell.shape[1]), min(height, top + cell.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    part = cell[y0 - top : y1 - top, x0 - left : x1 - left]
    under = below[y0:y1, x0:x1]
    rest = cv2.merge([255 - part[..., 3]] * channels)
    background = cv2.multiply(under, rest, scale=1 / 255)
    foreground = part if channels == 4 else cv2.cvtColor(part, cv2.COLOR_RGBA2RGB)
    below[y0:y1, x0:x1] = cv2.add(background, foreground)


def cross_dissolve(before: Picture, after: Picture, amount: float) -> Picture:
    """Return a mix of two pictures with the share `amount` (0 to 1) of the second."""
    return np.asarray(cv2.addWeighted(after, amount, before, 1 - amount, 0), np.uint8)

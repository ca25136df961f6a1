"""A surface to draw on: filled shapes, pen strokes, tones clipped to shapes.

Pixels are premultiplied RGBA, drawn `OVERSAMPLE` times larger with OpenCV's anti-aliased fills
and averaged down at the end. Drawing an opaque colour with anti-aliasing on a premultiplied
surface *is* source-over, which is why no layer is needed for the common case.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenanime_pipeline.core.sample.curves import path, ribbon

Colour = tuple[int, int, int]
Mask = NDArray[np.uint8]
Picture = NDArray[np.uint8]

OVERSAMPLE = 2
_SHIFT = 4  # OpenCV's fixed-point fraction bits: shapes land on sixteenths of a pixel


def mix(a: Colour, b: Colour, amount: float) -> Colour:
    """The colour `amount` (0 to 1) of the way from a to b."""
    red, green, blue = (round(x + (y - x) * amount) for x, y in zip(a, b, strict=True))
    return red, green, blue


@dataclass(frozen=True)
class Canvas:
    """Where shapes go. Coordinates are units; `matrix` (2, 3) maps them to oversampled pixels.

    Attributes:
        pixels: (height * OVERSAMPLE, width * OVERSAMPLE, 4) premultiplied RGBA, drawn into.
        matrix: affine map from units to oversampled pixels.
        pen: width of the style's line, in oversampled pixels.
        grade: the style's way with colours, applied to every colour drawn.
    """

    pixels: Picture
    matrix: NDArray[np.float64]
    pen: float
    grade: Callable[[Colour], Colour]

    @staticmethod
    def blank(
        width: int,
        height: int,
        *,
        scale: float,
        origin: tuple[float, float] = (0.0, 0.0),
        pen: float = 1.5,
        grade: Callable[[Colour], Colour] = lambda colour: colour,
    ) -> "Canvas":
        """A transparent canvas.

        Args:
            width: of the finished cell, in pixels.
            height: of the finished cell, in pixels.
            scale: pixels per unit.
            origin: where the unit's (0, 0) lies, in pixels.
            pen: line width in pixels.
            grade: maps every colour drawn.
        """
        size = OVERSAMPLE
        matrix = np.array([[scale, 0.0, origin[0]], [0.0, scale, origin[1]]]) * size
        pixels = np.zeros((height * size, width * size, 4), np.uint8)
        return Canvas(pixels, matrix, pen * size, grade)

    def placed(
        self, x: float, y: float, *, scale: float = 1.0, degrees: float = 0.0, flip: bool = False
    ) -> "Canvas":
        """The same surface with its unit's origin moved to (x, y), scaled, turned, mirrored."""
        angle = np.radians(degrees)
        cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
        side = -1.0 if flip else 1.0
        local = np.array([[cos * side, -sin, x], [sin * side, cos, y], [0.0, 0.0, 1.0]])
        return replace(self, matrix=self.matrix @ local)

    def copy(self) -> "Canvas":
        """The same drawing on a surface of its own."""
        return replace(self, pixels=self.pixels.copy())

    @property
    def unit(self) -> float:
        """Oversampled pixels per unit."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    def _fixed(self, points: ArrayLike) -> NDArray[np.int32]:
        mapped = path(points) @ self.matrix[:, :2].T + self.matrix[:, 2]
        return np.round(np.clip(mapped, -30000, 30000) * (1 << _SHIFT)).astype(np.int32)

    def mask(self, *shapes: ArrayLike) -> Mask:
        """Coverage (0 to 255) of the union of closed shapes, of the canvas's size."""
        covered = np.zeros(self.pixels.shape[:2], np.uint8)
        for shape in shapes:
            cv2.fillPoly(covered, [self._fixed(shape)], 255, cv2.LINE_AA, _SHIFT)
        return covered

    def fill(
        self,
        shape: ArrayLike,
        colour: Colour,
        *,
        alpha: float = 1.0,
        clip: Mask | None = None,
        soft: float = 0.0,
    ) -> None:
        """Fill a closed shape.

        Args:
            shape: (n, 2) outline.
            colour: RGB.
            alpha: 0 to 1.
            clip: only where this mask covers.
            soft: blur of the edge in units.
        """
        fixed = self._fixed(shape)
        graded = self.grade(colour)
        if alpha >= 1.0 and clip is None and soft <= 0.0:
            cv2.fillPoly(self.pixels, [fixed], (*graded, 255), cv2.LINE_AA, _SHIFT)
            return
        blur = soft * self.unit
        area = self._area(fixed, 3 * blur + 2)
        if area is None:
            return
        rows, columns = area
        covered = np.zeros(self.pixels[rows, columns].shape[:2], np.uint8)
        moved = fixed - np.array([columns.start, rows.start], np.int32) * (1 << _SHIFT)
        cv2.fillPoly(covered, [moved], 255, cv2.LINE_AA, _SHIFT)
        if blur > 0.3:
            covered = softened(covered, blur)
        if clip is not None:
            covered = cv2.multiply(covered, clip[rows, columns], scale=1 / 255)
        weight = cv2.merge([covered] * 4)
        if alpha < 1.0:
            weight = cv2.convertScaleAbs(weight, alpha=alpha)
        paint = cv2.multiply(weight, (*graded, 255.0), scale=1 / 255)
        kept = cv2.multiply(self.pixels[rows, columns], cv2.bitwise_not(weight), scale=1 / 255)
        self.pixels[rows, columns] = cv2.add(kept, paint)

    def gradient(
        self, shape: ArrayLike, top: Colour, bottom: Colour, *, clip: Mask | None = None
    ) -> None:
        """Fill a closed shape with a vertical gradient over its own height."""
        fixed = self._fixed(shape)
        area = self._area(fixed, 2)
        if area is None:
            return
        rows, columns = area
        covered = np.zeros(self.pixels[rows, columns].shape[:2], np.uint8)
        moved = fixed - np.array([columns.start, rows.start], np.int32) * (1 << _SHIFT)
        cv2.fillPoly(covered, [moved], 255, cv2.LINE_AA, _SHIFT)
        if clip is not None:
            covered = cv2.multiply(covered, clip[rows, columns], scale=1 / 255)
        first, last = fixed[:, 1].min() >> _SHIFT, fixed[:, 1].max() >> _SHIFT
        amount = np.clip((np.arange(rows.start, rows.stop) - first) / max(1, last - first), 0, 1)
        ends = np.array([[*self.grade(top), 255], [*self.grade(bottom), 255]], np.float32)
        colours = ends[0] + (ends[1] - ends[0]) * amount[:, None].astype(np.float32)
        below = self.pixels[rows, columns].astype(np.float32)
        weight = (covered.astype(np.float32) / 255)[..., None]
        blended = below + (colours[:, None, :] - below) * weight + 0.5
        self.pixels[rows, columns] = blended.astype(np.uint8)

    def stroke(
        self,
        points: ArrayLike,
        colour: Colour,
        *,
        width: float = 1.0,
        taper: ArrayLike = (0.25, 1.0, 0.25),
        alpha: float = 1.0,
        clip: Mask | None = None,
    ) -> None:
        """Draw an open line with a pen whose pressure changes.

        Args:
            points: (n, 2) centre line.
            colour: RGB.
            width: multiple of the canvas's pen.
            taper: pressure at evenly spaced places along the line.
            alpha: 0 to 1.
            clip: only where this mask covers.
        """
        widths = np.asarray(taper, np.float64) * (self.pen * width / self.unit)
        self.fill(ribbon(points, widths), colour, alpha=alpha, clip=clip)

    def outline(self, shape: ArrayLike, colour: Colour, *, width: float = 1.0) -> None:
        """Draw the closed edge of a shape with an even pen."""
        thickness = max(1, round(self.pen * width))
        cv2.polylines(
            self.pixels,
            [self._fixed(shape)],
            True,  # noqa: FBT003 - OpenCV takes it by position
            (*self.grade(colour), 255),
            thickness,
            cv2.LINE_AA,
            _SHIFT,
        )

    def shape(self, shape: ArrayLike, colour: Colour, line: Colour, *, width: float = 1.0) -> None:
        """Fill a closed shape and ink its edge."""
        self.fill(shape, colour)
        self.outline(shape, line, width=width)

    def finished(self) -> Picture:
        """The drawing at its true size: premultiplied RGBA (height, width, 4)."""
        height, width = self.pixels.shape[:2]
        size = (width // OVERSAMPLE, height // OVERSAMPLE)
        return np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)

    def _area(self, fixed: NDArray[np.int32], margin: float) -> tuple[slice, slice] | None:
        height, width = self.pixels.shape[:2]
        low = (fixed.min(axis=0) >> _SHIFT) - int(margin)
        high = (fixed.max(axis=0) >> _SHIFT) + int(margin) + 2
        left, top = np.clip(low, 0, [width, height])
        right, bottom = np.clip(high, 0, [width, height])
        if right <= left or bottom <= top:
            return None
        return slice(int(top), int(bottom)), slice(int(left), int(right))


def softened(picture: Picture, sigma: float) -> Picture:
    """A Gaussian blur whose cost does not grow with its width: wide ones are done small.

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


def over(below: Picture, cell: Picture, left: int, top: int) -> None:
    """Lay a premultiplied RGBA cell on an RGB or RGBA picture, in place, cut at its edges.

    Args:
        below: (h, w, 3 or 4) uint8, changed.
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
    kept = cv2.multiply(under, rest, scale=1 / 255)
    below[y0:y1, x0:x1] = cv2.add(kept, np.ascontiguousarray(part[..., :channels]))

"""Draws filled shapes, pen strokes and clipped tones on an oversampled surface.

Pixels are premultiplied RGBA, drawn some times larger with OpenCV's anti-aliased fills
and averaged down at the end. Drawing an opaque colour with anti-aliasing on a premultiplied
surface *is* source-over, which is why no layer is needed for the common case.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenanime_pipeline.core.sample.compositing import Mask, Picture, gaussian_blur
from whenanime_pipeline.core.sample.curves import outline_stroke, path

Colour = tuple[int, int, int]

OVERSAMPLE = 2  # for cells; paintings, which are filmed smaller than painted, need none
_SHIFT = 4  # OpenCV's fixed-point fraction bits: shapes land on sixteenths of a pixel
_MIN_BLUR = 0.3  # pixels; less blur is not visible


def mix_colours(a: Colour, b: Colour, amount: float) -> Colour:
    """Return the colour `amount` (0 to 1) of the way from a to b."""
    red, green, blue = (round(x + (y - x) * amount) for x, y in zip(a, b, strict=True))
    return red, green, blue


@dataclass(frozen=True)
class Canvas:
    """A drawing surface in units that `matrix` (2, 3) maps to oversampled pixels.

    Attributes:
        pixels: (height * oversample, width * oversample, 4) premultiplied RGBA, drawn into.
        matrix: affine map from units to oversampled pixels.
        pen: width of the style's line, in oversampled pixels.
        grade: colour grade of the style, applied to every colour drawn.
        oversample: factor by which this is drawn larger than its final size.
    """

    pixels: Picture
    matrix: NDArray[np.float64]
    pen: float
    grade: Callable[[Colour], Colour]
    oversample: int = OVERSAMPLE

    @staticmethod
    def blank(
        width: int,
        height: int,
        *,
        scale: float,
        origin: tuple[float, float] = (0.0, 0.0),
        pen: float = 1.5,
        grade: Callable[[Colour], Colour] = lambda colour: colour,
        oversample: int = OVERSAMPLE,
    ) -> "Canvas":
        """Return a transparent canvas.

        Args:
            width: width of the finished cell in pixels.
            height: height of the finished cell in pixels.
            scale: pixels per unit.
            origin: position of the unit's (0, 0) in pixels.
            pen: line width in pixels.
            grade: function applied to every colour drawn.
            oversample: factor by which everything is drawn larger than its final size.
        """
        size = oversample
        matrix = np.array([[scale, 0.0, origin[0]], [0.0, scale, origin[1]]]) * size
        pixels = np.zeros((height * size, width * size, 4), np.uint8)
        return Canvas(pixels, matrix, pen * size, grade, size)

    def with_transform(
        self, x: float, y: float, *, scale: float = 1.0, degrees: float = 0.0, flip: bool = False
    ) -> "Canvas":
        """Return the same surface with its origin moved to (x, y), scaled, turned or mirrored."""
        angle = np.radians(degrees)
        cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
        side = -1.0 if flip else 1.0
        local = np.array([[cos * side, -sin, x], [sin * side, cos, y], [0.0, 0.0, 1.0]])
        return replace(self, matrix=self.matrix @ local)

    def copy(self) -> "Canvas":
        """Return the same drawing on a surface of its own."""
        return replace(self, pixels=self.pixels.copy())

    @property
    def unit(self) -> float:
        """Oversampled pixels per unit."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    def _to_fixed_point(self, points: ArrayLike) -> NDArray[np.int32]:
        mapped = path(points) @ self.matrix[:, :2].T + self.matrix[:, 2]
        return np.round(np.clip(mapped, -30000, 30000) * (1 << _SHIFT)).astype(np.int32)

    def cover_mask(self, *shapes: ArrayLike) -> Mask:
        """Return the coverage (0 to 255) of the union of closed shapes, in the canvas's size."""
        covered = np.zeros(self.pixels.shape[:2], np.uint8)
        for shape in shapes:
            cv2.fillPoly(covered, [self._to_fixed_point(shape)], 255, cv2.LINE_AA, _SHIFT)
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
            clip: mask that limits the drawing.
            soft: blur of the edge in units.
        """
        fixed = self._to_fixed_point(shape)
        graded = self.grade(colour)
        if alpha >= 1.0 and clip is None and soft <= 0.0:
            cv2.fillPoly(self.pixels, [fixed], (*graded, 255), cv2.LINE_AA, _SHIFT)
            return
        blur = soft * self.unit
        area = self._bounding_area(fixed, 3 * blur + 2)
        if area is None:
            return
        covered = _draw_mask(fixed, area, blur=blur, clip=clip)
        if alpha < 1.0:
            covered = cv2.convertScaleAbs(covered, alpha=alpha)
        self._blend_paint(*area, covered, (*graded, 255.0))

    def fill_gradient(
        self, shape: ArrayLike, top: Colour, bottom: Colour, *, clip: Mask | None = None
    ) -> None:
        """Fill a closed shape with a vertical gradient over its own height."""
        fixed = self._to_fixed_point(shape)
        area = self._bounding_area(fixed, 2)
        if area is None:
            return
        rows, columns = area
        covered = _draw_mask(fixed, area, clip=clip)
        first, last = fixed[:, 1].min() >> _SHIFT, fixed[:, 1].max() >> _SHIFT
        amount = np.clip((np.arange(rows.start, rows.stop) - first) / max(1, last - first), 0, 1)
        ends = np.array([[*self.grade(top), 255], [*self.grade(bottom), 255]], np.float64)
        ramp = np.round(ends[0] + (ends[1] - ends[0]) * amount[:, None]).astype(np.uint8)
        paint = np.broadcast_to(ramp[:, None, :], self.pixels[rows, columns].shape)
        self._blend_paint(rows, columns, covered, np.ascontiguousarray(paint))

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
            clip: mask that limits the drawing.
        """
        widths = np.asarray(taper, np.float64) * (self.pen * width / self.unit)
        self.fill(outline_stroke(points, widths), colour, alpha=alpha, clip=clip)

    def draw_outline(self, shape: ArrayLike, colour: Colour, *, width: float = 1.0) -> None:
        """Draw the closed edge of a shape with an even pen."""
        thickness = max(1, round(self.pen * width))
        cv2.polylines(
            self.pixels,
            [self._to_fixed_point(shape)],
            True,  # noqa: FBT003 - OpenCV takes it by position
            (*self.grade(colour), 255),
            thickness,
            cv2.LINE_AA,
            _SHIFT,
        )

    def draw_shape(
        self, shape: ArrayLike, colour: Colour, line: Colour, *, width: float = 1.0
    ) -> None:
        """Fill a closed shape and ink its edge."""
        self.fill(shape, colour)
        self.draw_outline(shape, line, width=width)

    def downsample(self) -> Picture:
        """Return the drawing at its final size: premultiplied RGBA (height, width, 4)."""
        height, width = self.pixels.shape[:2]
        if self.oversample == 1:
            return self.pixels
        size = (width // self.oversample, height // self.oversample)
        return np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)

    def _bounding_area(self, fixed: NDArray[np.int32], margin: float) -> tuple[slice, slice] | None:
        height, width = self.pixels.shape[:2]
        low = (fixed.min(axis=0) >> _SHIFT) - int(margin)
        high = (fixed.max(axis=0) >> _SHIFT) + int(margin) + 2
        left, top = np.clip(low, 0, [width, height])
        right, bottom = np.clip(high, 0, [width, height])
        if right <= left or bottom <= top:
            return None
        return slice(int(top), int(bottom)), slice(int(left), int(right))

    def _blend_paint(
        self,
        rows: slice,
        columns: slice,
        covered: Mask,
        paint: Picture | tuple[float, float, float, float],
    ) -> None:
        """Blend opaque RGBA paint, uniform or per pixel, weighted by `covered`."""
        weight = cv2.merge([covered] * 4)
        painted = cv2.multiply(weight, paint, scale=1 / 255)
        background = cv2.multiply(
            self.pixels[rows, columns], cv2.bitwise_not(weight), scale=1 / 255
        )
        self.pixels[rows, columns] = cv2.add(background, painted)


def _draw_mask(
    fixed: NDArray[np.int32],
    area: tuple[slice, slice],
    *,
    clip: Mask | None = None,
    blur: float = 0.0,
) -> Mask:
    """Return the coverage of a closed shape inside an area.

    Args:
        fixed: (n, 2) outline on the canvas, in fixed-point pixels.
        area: rows and columns of the canvas.
        clip: mask of the whole canvas that limits the shape.
        blur: blur of its edge in pixels.
    """
    rows, columns = area
    covered = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    moved = fixed - np.array([columns.start, rows.start], np.int32) * (1 << _SHIFT)
    cv2.fillPoly(covered, [moved], 255, cv2.LINE_AA, _SHIFT)
    if blur > _MIN_BLUR:
        covered = gaussian_blur(covered, blur)
    return covered if clip is None else cv2.multiply(covered, clip[area], scale=1 / 255)

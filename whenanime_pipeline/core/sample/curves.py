"""Builds curves as point lists for the canvas.

A path is an array (n, 2) of float64 points, x to the right and y down, in whatever unit the
caller draws in.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Path = NDArray[np.float64]


def path(points: ArrayLike) -> Path:
    """Return points as a path.

    Args:
        points: anything array-like of shape (n, 2).

    Returns:
        The same points as float64 (n, 2).
    """
    return np.asarray(points, dtype=np.float64).reshape(-1, 2)


def catmull_rom(points: ArrayLike, *, closed: bool = False, steps: int = 8) -> Path:
    """Return a uniform Catmull-Rom curve through all points.

    Args:
        points: (n, 2) points the curve passes through, n >= 2.
        closed: whether the curve returns to the first point.
        steps: points per span.

    Returns:
        The curve, (about n * steps, 2).
    """
    given = path(points)
    if closed:
        padded = np.concatenate([given[-1:], given, given[:2]])
    else:
        padded = np.concatenate([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[None, :, None]
    before, start, end, after = (part[:, None, :] for part in (before, start, end, after))
    spans = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    curve = spans.reshape(-1, 2)
    return curve if closed else np.concatenate([curve, given[-1:]])


def quadratic_bezier(
    start: ArrayLike, control: ArrayLike, end: ArrayLike, *, steps: int = 10
) -> Path:
    """Return a quadratic Bézier curve from start to end with one control point: (steps, 2)."""
    a, b, c = (np.asarray(point, dtype=np.float64) for point in (start, control, end))
    t = np.linspace(0.0, 1.0, steps)[:, None]
    return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c)


def ellipse(
    centre: tuple[float, float],
    radii: tuple[float, float],
    *,
    start: float = 0.0,
    end: float = 360.0,
    steps: int = 40,
) -> Path:
    """Return an elliptic arc, degrees clockwise from the right: (steps, 2)."""
    angles = np.radians(np.linspace(start, end, steps, endpoint=(end - start) % 360 != 0))
    return np.stack(
        [centre[0] + radii[0] * np.cos(angles), centre[1] + radii[1] * np.sin(angles)], axis=1
    )


def box(x0: float, y0: float, x1: float, y1: float) -> Path:
    """Return an upright rectangle as four corners."""
    return path([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def join_paths(parts: Sequence[ArrayLike]) -> Path:
    """Return the concatenation of paths."""
    return np.concatenate([path(part) for part in parts])


def mirror_path(points: Path) -> Path:
    """Return the path reflected at x = 0, in reverse order."""
    return np.asarray((points * np.array([-1.0, 1.0]))[::-1])


def outline_stroke(points: ArrayLike, widths: ArrayLike) -> Path:
    """Return the outline of a line of varying width, as drawn by a pen.

    Args:
        points: (n, 2) centre line, n >= 2.
        widths: full width at evenly spaced points along it, in the same unit.

    Returns:
        A closed outline, (2n, 2).
    """
    line = path(points)
    given = np.asarray(widths, dtype=np.float64)
    half = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(given)), given) / 2
    along = np.gradient(line, axis=0)
    length = np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / length * half[:, None]
    return np.concatenate([line + across, (line - across)[::-1]])


def rotate_path(points: Path, degrees: float, centre: tuple[float, float] = (0.0, 0.0)) -> Path:
    """Return the path rotated clockwise (y down) about a centre."""
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray((points - centre) @ matrix + centre)

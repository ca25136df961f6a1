"""Outlines hair, lock by lock.

Head units: (0, 0) is between the eyes, a little above them; the skull's half width is about 1,
the chin is near (0, 1.15).
"""

import numpy as np

from whenanime_pipeline.core.sample.characters import CharacterDesign
from whenanime_pipeline.core.sample.curves import (
    Path,
    catmull_rom,
    ellipse,
    join_paths,
    mirror_path,
    path,
    quadratic_bezier,
)

CROWN = -1.34  # y of the hair's highest point


Points = list[tuple[float, float]]


def _locks(notches: Points, tips: Points, bow: float) -> Path:
    """Return a hair edge: from each notch down to a pointed tip and up to the next notch."""
    parts = []
    for (nx, ny), (tx, ty), (mx, my) in zip(notches[:-1], tips, notches[1:], strict=True):
        lean = bow * (ty - ny)
        parts.append(
            quadratic_bezier(
                (nx, ny), (nx + 0.15 * (tx - nx) - lean, ny + 0.6 * (ty - ny)), (tx, ty)
            )
        )
        parts.append(
            quadratic_bezier(
                (tx, ty), (mx + 0.2 * (tx - mx) - lean, my + 0.65 * (ty - my)), (mx, my)
            )
        )
    return join_paths(parts)


def choose_fringe_points(look: CharacterDesign, turn: float) -> tuple[Points, Points, float]:
    """Return notches, tips and bow of the front hair's lower edge, from left to right."""
    rng = np.random.default_rng([look.seed, 1])
    side = float(rng.uniform(0.55, 0.85)) if look.is_boy else float(rng.uniform(0.95, 1.45))
    shift = 0.22 * turn
    jitter = rng.uniform(-0.06, 0.06, 8)
    if look.fringe == "straight":
        xs = np.linspace(-0.72, 0.72, 7) + shift
        notches = [(float(x), -0.12) for x in xs]
        tips = [
            (float((a + b) / 2), 0.1 + float(j))
            for a, b, j in zip(xs, xs[1:], jitter, strict=False)
        ]
        bow = 0.0
    elif look.fringe == "swept":
        notches = [
            (-0.74 + shift, -0.05),
            (-0.5 + shift, -0.38),
            (-0.12 + shift, -0.3),
            (0.25 + shift, -0.25),
            (0.72 + shift, -0.12),
        ]
        tips = [
            (-0.68 + shift, 0.3),
            (-0.42 + shift, 0.18),
            (0.0 + shift, 0.22),
            (0.46 + shift, 0.3),
        ]
        tips = [(x + 0.12, y + float(j)) for (x, y), j in zip(tips, jitter, strict=False)]
        bow = -0.25
    elif look.fringe == "parted":
        notches = [
            (-0.74 + shift, -0.05),
            (-0.45 + shift, -0.35),
            (0.02 + shift, -0.78),
            (0.45 + shift, -0.35),
            (0.74 + shift, -0.05),
        ]
        tips = [
            (-0.66 + shift, 0.34),
            (-0.42 + shift, 0.12),
            (0.42 + shift, 0.12),
            (0.66 + shift, 0.34),
        ]
        bow = 0.0
    elif look.fringe == "spiky":
        xs = np.linspace(-0.76, 0.76, 6) + shift
        notches = [(float(x), -0.36) for x in xs]
        tips = [
            (float(a * 0.4 + b * 0.6), 0.16 + 2.2 * float(j))
            for a, b, j in zip(xs, xs[1:], jitter, strict=False)
        ]
        bow = -0.12
    else:
        notches = [
            (-0.74 + shift, -0.05),
            (-0.34 + shift, -0.34),
            (-0.1 + shift, -0.4),
            (0.12 + shift, -0.4),
            (0.38 + shift, -0.34),
            (0.74 + shift, -0.05),
        ]
        tips = [
            (-0.56 + shift, 0.16),
            (-0.2 + shift, 0.02),
            (0.03 + shift, 0.42),
            (0.28 + shift, 0.02),
            (0.6 + shift, 0.16),
        ]
        bow = 0.05
    return (
        [(-0.99, 0.1), *notches, (0.99, 0.1)],
        [(-0.9 + 0.06 * turn, side), *tips, (0.9 + 0.06 * turn, side)],
        bow,
    )


def outline_front_hair(look: CharacterDesign, turn: float) -> Path:
    """Return the outline of the hair in front: crown, fringe and side locks."""
    notches, tips, bow = choose_fringe_points(look, turn)
    arc = ellipse((0.0, -0.2), (1.08, -CROWN - 0.2), start=0.0, end=-180.0, steps=36)
    if look.back_hair == "spiky":
        rng = np.random.default_rng([look.seed, 2])
        arc = _spikes(arc, rng, count=7, reach=0.34)
    side_left = path([(-1.08, -0.05)])
    side_right = path([(1.08, -0.05)])
    return join_paths([arc, side_left, _locks(notches, tips, bow), side_right])


def _spikes(arc: Path, rng: np.random.Generator, *, count: int, reach: float) -> Path:
    centre = np.array([0.0, -0.2])
    places = np.linspace(0, len(arc) - 1, count * 2 + 1)
    points = []
    for number, place in enumerate(places):
        point = arc[round(place)]
        if number % 2:
            outward = (point - centre) / np.linalg.norm(point - centre)
            lean = np.array([0.16 * rng.uniform(-0.4, 1.0), 0.05])
            point = point + outward * reach * rng.uniform(0.6, 1.25) + lean * reach * 2
        points.append(point)
    return np.asarray(points)


def outline_back_hair(look: CharacterDesign) -> list[Path]:
    """Return outlines of the hair behind the head, furthest first."""
    cap = ellipse((0.0, -0.18), (1.12, 1.14))
    shapes: list[Path] = []
    if look.back_hair in ("long", "wavy"):
        wave = 0.14 if look.back_hair == "wavy" else 0.03
        drop = 3.3
        ys = np.linspace(-0.2, drop, 9)
        edge = [(1.1 + 0.28 * i / 8 + wave * (-1) ** i * (i > 1), y) for i, y in enumerate(ys)]
        right = catmull_rom(edge)
        tips = [
            (x, drop + (0.34 if i % 2 else 0.02)) for i, x in enumerate(np.linspace(1.3, -1.3, 11))
        ]
        shapes.append(join_paths([right, tips, mirror_path(right)]))
    elif look.back_hair == "bob":
        right = catmull_rom([(1.08, -0.3), (1.24, 0.4), (1.22, 1.0), (0.98, 1.32)])
        tips = [
            (x, 1.32 + (0.14 if i % 2 else 0.0)) for i, x in enumerate(np.linspace(0.9, -0.9, 9))
        ]
        shapes.append(join_paths([right, tips, mirror_path(right)]))
    elif look.back_hair == "twin tails":
        tail = catmull_rom(
            [
                (0.95, -0.55),
                (1.6, -0.6),
                (2.0, 0.2),
                (2.02, 1.4),
                (1.72, 2.9),
                (1.62, 2.3),
                (1.42, 2.75),
                (1.36, 1.5),
                (1.3, 0.4),
                (1.0, -0.2),
            ],
            closed=True,
        )
        shapes += [tail, mirror_path(tail)]
    elif look.back_hair == "ponytail":
        shapes.append(
            catmull_rom(
                [
                    (0.1, -1.2),
                    (0.9, -1.75),
                    (1.75, -1.1),
                    (2.0, 0.1),
                    (1.75, 1.5),
                    (1.3, 2.4),
                    (1.42, 1.4),
                    (1.3, 0.4),
                    (0.9, -0.4),
                ],
                closed=True,
            )
        )
    elif look.back_hair == "bun":
        shapes += [ellipse((0.62, -1.32), (0.46, 0.42)), ellipse((-0.62, -1.32), (0.46, 0.42))]
    if look.back_hair in ("spiky", "short"):
        nape = catmull_rom([(1.08, -0.3), (1.1, 0.45), (0.78, 0.95)])
        tips = [
            (x, 0.95 + (0.2 if i % 2 else 0.0)) for i, x in enumerate(np.linspace(0.7, -0.7, 7))
        ]
        shapes.append(join_paths([nape, tips, mirror_path(nape)]))
    elif look.back_hair in ("twin tails", "ponytail", "bun"):
        shapes.append(ellipse((0.0, 0.0), (1.04, 0.98)))
    shapes.append(cap)
    return shapes

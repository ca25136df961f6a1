"""Hair: what hangs behind the head and what falls over the forehead, lock by lock.

Drawn in head units: (0, 0) lies between the eyes' centres a little above them, the skull's half
width is about 1, the chin is near (0, 1.15).
"""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix
from whenanime_pipeline.core.sample.characters import Look
from whenanime_pipeline.core.sample.curves import Path, bend, ellipse, join, mirror, path, smooth
from whenanime_pipeline.core.sample.style import Style

CROWN = -1.34  # y of the hair's highest point
Points = list[tuple[float, float]]


def _locks(notches: Points, tips: Points, bow: float) -> Path:
    """A hair edge: from each notch down to a pointed tip and up to the next notch."""
    parts = []
    for (nx, ny), (tx, ty), (mx, my) in zip(notches[:-1], tips, notches[1:], strict=True):
        lean = bow * (ty - ny)
        parts.append(bend((nx, ny), (nx + 0.15 * (tx - nx) - lean, ny + 0.6 * (ty - ny)), (tx, ty)))
        parts.append(bend((tx, ty), (mx + 0.2 * (tx - mx) - lean, my + 0.65 * (ty - my)), (mx, my)))
    return join(parts)


def _fringe_points(look: Look, turn: float) -> tuple[Points, Points, float]:
    """Notches, tips and bow of the front hair's lower edge, from the left side lock to the right."""
    rng = np.random.default_rng([look.seed, 1])
    side = float(rng.uniform(0.55, 0.85)) if look.boy else float(rng.uniform(0.95, 1.45))
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
        notches = [(-0.74 + shift, -0.05), (-0.5 + shift, -0.38), (-0.12 + shift, -0.3),
                   (0.25 + shift, -0.25), (0.72 + shift, -0.12)]  # fmt: skip
        tips = [
            (-0.68 + shift, 0.3),
            (-0.42 + shift, 0.18),
            (0.0 + shift, 0.22),
            (0.46 + shift, 0.3),
        ]
        tips = [(x + 0.12, y + float(j)) for (x, y), j in zip(tips, jitter, strict=False)]
        bow = -0.25
    elif look.fringe == "parted":
        notches = [(-0.74 + shift, -0.05), (-0.45 + shift, -0.35), (0.02 + shift, -0.78),
                   (0.45 + shift, -0.35), (0.74 + shift, -0.05)]  # fmt: skip
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
        notches = [(-0.74 + shift, -0.05), (-0.34 + shift, -0.34), (-0.1 + shift, -0.4),
                   (0.12 + shift, -0.4), (0.38 + shift, -0.34), (0.74 + shift, -0.05)]  # fmt: skip
        tips = [(-0.56 + shift, 0.16), (-0.2 + shift, 0.02), (0.03 + shift, 0.42),
                (0.28 + shift, 0.02), (0.6 + shift, 0.16)]  # fmt: skip
        bow = 0.05
    return (
        [(-0.99, 0.1), *notches, (0.99, 0.1)],
        [(-0.9 + 0.06 * turn, side), *tips, (0.9 + 0.06 * turn, side)],
        bow,
    )


def front_shape(look: Look, turn: float) -> Path:
    """The outline of the hair in front: crown, fringe and side locks."""
    notches, tips, bow = _fringe_points(look, turn)
    arc = ellipse((0.0, -0.2), (1.08, -CROWN - 0.2), start=0.0, end=-180.0, steps=36)
    if look.back == "spiky":
        rng = np.random.default_rng([look.seed, 2])
        arc = _spikes(arc, rng, count=7, reach=0.34)
    side_left = path([(-1.08, -0.05)])
    side_right = path([(1.08, -0.05)])
    return join([arc, side_left, _locks(notches, tips, bow), side_right])


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


def back_shapes(look: Look) -> list[Path]:
    """Outlines of the hair behind the head, furthest first."""
    cap = ellipse((0.0, -0.18), (1.12, 1.14))
    shapes: list[Path] = []
    if look.back in ("long", "wavy"):
        wave = 0.14 if look.back == "wavy" else 0.03
        drop = 3.3
        ys = np.linspace(-0.2, drop, 9)
        edge = [(1.1 + 0.28 * i / 8 + wave * (-1) ** i * (i > 1), y) for i, y in enumerate(ys)]
        right = smooth(edge)
        tips = [
            (x, drop + (0.34 if i % 2 else 0.02)) for i, x in enumerate(np.linspace(1.3, -1.3, 11))
        ]
        shapes.append(join([right, tips, mirror(right)]))
    elif look.back == "bob":
        right = smooth([(1.08, -0.3), (1.24, 0.4), (1.22, 1.0), (0.98, 1.32)])
        tips = [
            (x, 1.32 + (0.14 if i % 2 else 0.0)) for i, x in enumerate(np.linspace(0.9, -0.9, 9))
        ]
        shapes.append(join([right, tips, mirror(right)]))
    elif look.back == "twin tails":
        tail = smooth(
            [(0.95, -0.55), (1.6, -0.6), (2.0, 0.2), (2.02, 1.4), (1.72, 2.9), (1.62, 2.3),
             (1.42, 2.75), (1.36, 1.5), (1.3, 0.4), (1.0, -0.2)],
            closed=True,
        )  # fmt: skip
        shapes += [tail, mirror(tail)]
    elif look.back == "ponytail":
        shapes.append(
            smooth(
                [(0.1, -1.2), (0.9, -1.75), (1.75, -1.1), (2.0, 0.1), (1.75, 1.5), (1.3, 2.4),
                 (1.42, 1.4), (1.3, 0.4), (0.9, -0.4)],
                closed=True,
            )
        )  # fmt: skip
    elif look.back == "bun":
        shapes += [ellipse((0.62, -1.32), (0.46, 0.42)), ellipse((-0.62, -1.32), (0.46, 0.42))]
    if look.back in ("spiky", "short"):
        nape = smooth([(1.08, -0.3), (1.1, 0.45), (0.78, 0.95)])
        tips = [
            (x, 0.95 + (0.2 if i % 2 else 0.0)) for i, x in enumerate(np.linspace(0.7, -0.7, 7))
        ]
        shapes.append(join([nape, tips, mirror(nape)]))
    elif look.back in ("twin tails", "ponytail", "bun"):
        shapes.append(ellipse((0.0, 0.0), (1.04, 0.98)))
    shapes.append(cap)
    return shapes


def draw_back_hair(canvas: Canvas, look: Look, style: Style) -> None:
    """Draw what hangs behind the head, in the shadow tone, with strands."""
    ink = style.ink(look.hair)
    base = style.dark(look.hair, 0.55)
    deep = style.dark(look.hair, 1.15)
    rng = np.random.default_rng([look.seed, 3])
    for shape in back_shapes(look):
        canvas.shape(shape, base, ink)
        covered = canvas.mask(shape)
        low, high = shape.min(axis=0), shape.max(axis=0)
        inner = (shape - (low + high) / 2) * np.array([0.74, 1.0]) + (low + high) / 2
        canvas.fill(inner, deep, clip=covered)
        for x in rng.uniform(low[0] * 0.95, high[0] * 0.95, 7):
            bow = float(rng.uniform(-0.1, 0.1))
            strand = bend((x * 0.8, low[1] + 0.3), (x + bow, (low[1] + high[1]) / 2), (x, high[1]))
            canvas.stroke(strand, ink, width=0.7, alpha=0.55, clip=covered)
    if look.back in ("twin tails", "ponytail"):
        for side in (-1, 1) if look.back == "twin tails" else (1,):
            y = -0.42 if look.back == "twin tails" else -1.05
            x = 1.06 if look.back == "twin tails" else 0.62
            band = ellipse((side * x, y), (0.13, 0.24))
            canvas.shape(band, look.accent, style.ink(look.accent))


def draw_front_hair(canvas: Canvas, look: Look, style: Style, turn: float) -> None:
    """Draw crown, fringe and side locks with shadow, strands and the ring of light."""
    shape = front_shape(look, turn)
    ink = style.ink(look.hair)
    canvas.fill(shape, look.hair)
    covered = canvas.mask(shape)
    _tones(canvas, look, style, turn, covered)
    notches, tips, bow = _fringe_points(look, turn)
    root = (0.1 * turn, CROWN + 0.1)
    for (nx, ny), (tx, ty) in zip(notches[1:-1], tips[1:], strict=True):
        start = (nx + 0.12 * (root[0] - nx), ny + 0.35 * (root[1] - ny))
        canvas.stroke(bend(start, (nx - bow * 0.2, (start[1] + ny) / 2), (nx, ny)), ink,
                      width=0.9, taper=(0.1, 0.8, 1.0), clip=covered)  # fmt: skip
        low = bend((nx, ny), (nx - bow * 0.3, (ny + ty) / 2), (0.3 * nx + 0.7 * tx, ty - 0.12))
        canvas.stroke(low, ink, width=0.5, taper=(0.8, 0.2), alpha=0.5, clip=covered)
    canvas.outline(shape, ink)
    _ornament(canvas, look, style, turn)


def _tones(canvas: Canvas, look: Look, style: Style, turn: float, covered: np.ndarray) -> None:
    dark = style.dark(look.hair, 0.85)
    rng = np.random.default_rng([look.seed, 4])
    for side in (-1, 1):
        lobe = smooth(
            [(side * 1.2, -0.7), (side * 0.98, -0.35), (side * 0.9, 0.2), (side * 0.84, 1.6),
             (side * 1.3, 1.6)],
            closed=True,
        )  # fmt: skip
        canvas.fill(lobe, dark, clip=covered)
    notches, tips, _ = _fringe_points(look, turn)
    for (nx, ny), (tx, ty) in zip(notches[1:-2], tips[1:-1], strict=True):
        wedge = join(
            [
                bend((nx, ny - 0.3), (nx, ny), (tx, ty)),
                bend((tx, ty), (tx + 0.02, ny), (tx, ny - 0.12)),
            ]
        )
        canvas.fill(wedge, dark, clip=covered, alpha=0.8)
    if style.tones > 2:
        canvas.fill(
            ellipse((0.55, -1.0), (0.62, 0.36)), style.dark(look.hair, 0.3), clip=covered, alpha=0.5
        )
    _ring(canvas, look, style, turn, covered, rng)


def _ring(
    canvas: Canvas,
    look: Look,
    style: Style,
    turn: float,
    covered: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """The zigzag band of light that crowns drawn hair."""
    light: Colour = mix(look.hair, (255, 252, 245), 0.35 + 0.35 * style.shine)
    count = 13
    angles = np.linspace(-150, -30, count)
    upper, lower = [], []
    for number, angle in enumerate(np.radians(angles)):
        thick = 0.035 + 0.1 * style.shine * (0.35 + 0.65 * (number % 2)) * float(
            rng.uniform(0.6, 1.2)
        )
        thick *= np.sin(np.pi * (number + 0.3) / (count - 0.4)) ** 0.7
        x, y = np.cos(angle) * 0.82 + 0.1 * turn, -0.1 + np.sin(angle) * 0.78
        upper.append((x, y - thick * 0.6))
        lower.append((x, y + thick))
    band = join([upper, lower[::-1]])
    canvas.fill(band, light, clip=covered, alpha=0.9)


def _ornament(canvas: Canvas, look: Look, style: Style, turn: float) -> None:
    ink = style.ink(look.accent)
    if look.ornament == "clip":
        for step in (0.0, 0.13):
            canvas.shape(
                path([(0.5, -0.52 + step), (0.86, -0.4 + step), (0.86, -0.32 + step), (0.5, -0.44 + step)]),
                look.accent, ink, width=0.7,
            )  # fmt: skip
    elif look.ornament == "ribbon":
        knot = (-0.62, -1.02)
        for side in (-1, 1):
            wing = smooth(
                [knot, (knot[0] + side * 0.42, knot[1] - 0.36), (knot[0] + side * 0.55, knot[1] + 0.02),
                 (knot[0] + side * 0.4, knot[1] + 0.3)],
                closed=True, steps=6,
            )  # fmt: skip
            canvas.shape(wing, look.accent, ink)
            canvas.fill(
                ellipse((knot[0] + side * 0.34, knot[1] + 0.1), (0.14, 0.1)),
                style.dark(look.accent),
            )
        canvas.shape(ellipse(knot, (0.13, 0.14)), style.dark(look.accent, 0.5), ink)
    elif look.ornament == "band":
        arc = ellipse((0.05 * turn, -0.2), (1.06, 0.86), start=-172, end=-8, steps=30)
        canvas.stroke(arc, ink, width=5.4, taper=(1, 1))
        canvas.stroke(arc, look.accent, width=3.9, taper=(1, 1))

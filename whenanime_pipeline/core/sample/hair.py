"""Draws hair: tones, strands, highlight ring and ornaments. Head units as in `hair_shapes`."""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix_colours
from whenanime_pipeline.core.sample.characters import CharacterDesign
from whenanime_pipeline.core.sample.curves import (
    catmull_rom,
    ellipse,
    join_paths,
    path,
    quadratic_bezier,
)
from whenanime_pipeline.core.sample.hair_shapes import (
    CROWN,
    choose_fringe_points,
    outline_back_hair,
    outline_front_hair,
)
from whenanime_pipeline.core.sample.style import Style


def draw_back_hair(canvas: Canvas, look: CharacterDesign, style: Style) -> None:
    """Draw the hair behind the head in the shadow tone, with strands."""
    ink = style.ink_colour(look.hair)
    base = style.darken_colour(look.hair, 0.55)
    deep = style.darken_colour(look.hair, 1.15)
    rng = np.random.default_rng([look.seed, 3])
    for shape in outline_back_hair(look):
        canvas.draw_shape(shape, base, ink)
        covered = canvas.cover_mask(shape)
        low, high = shape.min(axis=0), shape.max(axis=0)
        inner = (shape - (low + high) / 2) * np.array([0.74, 1.0]) + (low + high) / 2
        canvas.fill(inner, deep, clip=covered)
        for x in rng.uniform(low[0] * 0.95, high[0] * 0.95, 7):
            bow = float(rng.uniform(-0.1, 0.1))
            strand = quadratic_bezier(
                (x * 0.8, low[1] + 0.3), (x + bow, (low[1] + high[1]) / 2), (x, high[1])
            )
            canvas.stroke(strand, ink, width=0.7, alpha=0.55, clip=covered)
    if look.back_hair in ("twin tails", "ponytail"):
        for side in (-1, 1) if look.back_hair == "twin tails" else (1,):
            y = -0.42 if look.back_hair == "twin tails" else -1.05
            x = 1.06 if look.back_hair == "twin tails" else 0.62
            band = ellipse((side * x, y), (0.13, 0.24))
            canvas.draw_shape(band, look.accent, style.ink_colour(look.accent))


def draw_front_hair(canvas: Canvas, look: CharacterDesign, style: Style, turn: float) -> None:
    """Draw crown, fringe and side locks with shadow, strands and the highlight ring."""
    shape = outline_front_hair(look, turn)
    ink = style.ink_colour(look.hair)
    canvas.fill(shape, look.hair)
    covered = canvas.cover_mask(shape)
    _tones(canvas, look, style, turn, covered)
    notches, tips, bow = choose_fringe_points(look, turn)
    root = (0.1 * turn, CROWN + 0.1)
    for (nx, ny), (tx, ty) in zip(notches[1:-1], tips[1:], strict=True):
        start = (nx + 0.12 * (root[0] - nx), ny + 0.35 * (root[1] - ny))
        canvas.stroke(
            quadratic_bezier(start, (nx - bow * 0.2, (start[1] + ny) / 2), (nx, ny)),
            ink,
            width=0.9,
            taper=(0.1, 0.8, 1.0),
            clip=covered,
        )
        low = quadratic_bezier(
            (nx, ny), (nx - bow * 0.3, (ny + ty) / 2), (0.3 * nx + 0.7 * tx, ty - 0.12)
        )
        canvas.stroke(low, ink, width=0.5, taper=(0.8, 0.2), alpha=0.5, clip=covered)
    canvas.draw_outline(shape, ink)
    _ornament(canvas, look, style, turn)


def _tones(
    canvas: Canvas, look: CharacterDesign, style: Style, turn: float, covered: np.ndarray
) -> None:
    dark = style.darken_colour(look.hair, 0.85)
    rng = np.random.default_rng([look.seed, 4])
    for side in (-1, 1):
        lobe = catmull_rom(
            [
                (side * 1.2, -0.7),
                (side * 0.98, -0.35),
                (side * 0.9, 0.2),
                (side * 0.84, 1.6),
                (side * 1.3, 1.6),
            ],
            closed=True,
        )
        canvas.fill(lobe, dark, clip=covered)
    notches, tips, _ = choose_fringe_points(look, turn)
    for (nx, ny), (tx, ty) in zip(notches[1:-2], tips[1:-1], strict=True):
        wedge = join_paths(
            [
                quadratic_bezier((nx, ny - 0.3), (nx, ny), (tx, ty)),
                quadratic_bezier((tx, ty), (tx + 0.02, ny), (tx, ny - 0.12)),
            ]
        )
        canvas.fill(wedge, dark, clip=covered, alpha=0.8)
    if style.tones > 2:
        canvas.fill(
            ellipse((0.55, -1.0), (0.62, 0.36)),
            style.darken_colour(look.hair, 0.3),
            clip=covered,
            alpha=0.5,
        )
    _ring(canvas, look, style, turn, covered, rng)


def _ring(
    canvas: Canvas,
    look: CharacterDesign,
    style: Style,
    turn: float,
    covered: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Draw the zigzag highlight on the crown."""
    light: Colour = mix_colours(look.hair, (255, 252, 245), 0.35 + 0.35 * style.shine)
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
    band = join_paths([upper, lower[::-1]])
    canvas.fill(band, light, clip=covered, alpha=0.9)


def _ornament(canvas: Canvas, look: CharacterDesign, style: Style, turn: float) -> None:
    ink = style.ink_colour(look.accent)
    if look.ornament == "clip":
        for step in (0.0, 0.13):
            canvas.draw_shape(
                path(
                    [
                        (0.5, -0.52 + step),
                        (0.86, -0.4 + step),
                        (0.86, -0.32 + step),
                        (0.5, -0.44 + step),
                    ]
                ),
                look.accent,
                ink,
                width=0.7,
            )
    elif look.ornament == "ribbon":
        knot = (-0.62, -1.02)
        for side in (-1, 1):
            wing = catmull_rom(
                [
                    knot,
                    (knot[0] + side * 0.42, knot[1] - 0.36),
                    (knot[0] + side * 0.55, knot[1] + 0.02),
                    (knot[0] + side * 0.4, knot[1] + 0.3),
                ],
                closed=True,
                steps=6,
            )
            canvas.draw_shape(wing, look.accent, ink)
            canvas.fill(
                ellipse((knot[0] + side * 0.34, knot[1] + 0.1), (0.14, 0.1)),
                style.darken_colour(look.accent),
            )
        canvas.draw_shape(ellipse(knot, (0.13, 0.14)), style.darken_colour(look.accent, 0.5), ink)
    elif look.ornament == "band":
        arc = ellipse((0.05 * turn, -0.2), (1.06, 0.86), start=-172, end=-8, steps=30)
        canvas.stroke(arc, ink, width=5.4, taper=(1, 1))
        canvas.stroke(arc, look.accent, width=3.9, taper=(1, 1))

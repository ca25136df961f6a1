"""Draws torsos and clothes. Head units; the body hangs from the neck at (0, 1)."""

from collections.abc import Callable

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix_colours
from whenanime_pipeline.core.sample.characters import CharacterDesign, Outfit
from whenanime_pipeline.core.sample.curves import (
    Path,
    catmull_rom,
    ellipse,
    join_paths,
    mirror_path,
    outline_stroke,
    path,
    quadratic_bezier,
)
from whenanime_pipeline.core.sample.pose import HIP, shoulder_half_width
from whenanime_pipeline.core.sample.style import Style

WHITE: Colour = (246, 246, 250)


def outline_torso(look: CharacterDesign) -> Path:
    """Return the outline from shoulders to hip."""
    wide = shoulder_half_width(look)
    waist = 1.0 if look.is_boy else 0.78
    hip = 1.05 if look.is_boy else 1.0
    loose = 0.18 if look.outfit in ("hoodie", "jacket") else 0.0
    right = catmull_rom(
        [
            (0.34, 1.36),
            (0.8, 1.52),
            (wide, 1.78),
            (wide - 0.06, 2.5),
            (waist + 0.12 + loose, 3.2),
            (waist + loose, 3.7),
            (hip + loose, HIP),
        ]
    )
    return join_paths([right, mirror_path(right)])


def draw_folds(canvas: Canvas, look: CharacterDesign, style: Style, covered: np.ndarray) -> None:
    """Draw the shadow side and the folds of a torso."""
    dark = style.darken_colour(look.cloth, 0.8)
    wide = shoulder_half_width(look)
    side = catmull_rom(
        [
            (wide + 0.2, 1.6),
            (wide - 0.32, 2.1),
            (wide - 0.5, 3.0),
            (0.5, 3.8),
            (0.72, 5.0),
            (2.0, 5.0),
        ],
        closed=True,
    )
    canvas.fill(side, dark, clip=covered)
    canvas.fill(
        catmull_rom([(-0.6, 1.3), (0.0, 2.05), (0.7, 1.3), (0.0, 1.1)], closed=True),
        dark,
        clip=covered,
    )
    for x, y in ((-0.9, 2.6), (-0.55, 3.5), (0.2, 3.7)):
        canvas.stroke(
            quadratic_bezier((x, y), (x + 0.2, y + 0.12), (x + 0.45, y + 0.02)),
            style.ink_colour(look.cloth),
            width=0.7,
            alpha=0.7,
        )


def draw_collar(canvas: Canvas, look: CharacterDesign, style: Style) -> None:
    """Draw the collar, tie, ribbon or hood over the neck."""
    collars: dict[Outfit, Callable[[Canvas, CharacterDesign, Style], None]] = {
        "sailor": _sailor,
        "blazer": _shirt,
        "shirt": _shirt,
        "hoodie": _hood,
        "jacket": _hood,
        "yukata": _lapels,
        "dress": _yoke,
    }
    collars[look.outfit](canvas, look, style)


def _sailor(canvas: Canvas, look: CharacterDesign, style: Style) -> None:
    for side in (-1, 1):
        flap = [(0.3, 1.3), (0.95, 1.55), (0.85, 2.15), (0.0, 2.5), (0.26, 1.9)]
        canvas.draw_shape(
            path([(side * x, y) for x, y in flap]), look.accent, style.ink_colour(look.accent)
        )
        line = path([(side * 0.86, 1.6), (side * 0.77, 2.08), (side * 0.04, 2.38)])
        canvas.stroke(line, WHITE, width=1.2, taper=(1, 1))
    _bow(canvas, style, mix_colours(look.accent, (230, 60, 70), 0.6), (0.0, 2.5))


def _shirt(canvas: Canvas, look: CharacterDesign, style: Style) -> None:
    for side in (-1, 1):
        flap = path([(side * 0.3, 1.22), (side * 0.56, 1.46), (side * 0.34, 1.92), (0.0, 1.7)])
        canvas.draw_shape(flap, WHITE, style.ink_colour(WHITE))
    if look.outfit == "blazer":
        tie = path([(-0.1, 1.7), (0.1, 1.7), (0.16, 2.7), (0.0, 2.95), (-0.16, 2.7)])
        canvas.draw_shape(tie, look.accent, style.ink_colour(look.accent))


def _hood(canvas: Canvas, look: CharacterDesign, style: Style) -> None:
    for side in (-1, 1):
        edge = [(0.28, 1.2), (0.72, 1.2), (0.86, 1.6), (0.36, 2.0), (0.1, 1.9)]
        hood = catmull_rom([(side * x, y) for x, y in edge], closed=True)
        canvas.draw_shape(hood, style.darken_colour(look.cloth, 0.35), style.ink_colour(look.cloth))
    for side in (-1, 1):
        cord = quadratic_bezier((side * 0.22, 1.9), (side * 0.3, 2.3), (side * 0.24, 2.7))
        canvas.stroke(cord, WHITE, width=1.5, taper=(1, 1))


def _lapels(canvas: Canvas, look: CharacterDesign, style: Style) -> None:
    for side, tip in ((1, (-0.55, 3.1)), (-1, (0.6, 3.2))):
        lapel = outline_stroke(
            quadratic_bezier((side * 0.42, 1.3), (side * 0.2, 2.0), tip), (0.3, 0.3)
        )
        canvas.draw_shape(lapel, look.accent, style.ink_colour(look.accent))


def _yoke(canvas: Canvas, look: CharacterDesign, style: Style) -> None:
    yoke = catmull_rom([(0.42, 1.36), (0.0, 2.0), (-0.42, 1.36)])
    canvas.stroke(yoke, WHITE, width=3.2, taper=(0.6, 1, 0.6))
    _bow(canvas, style, look.accent, (0.0, 2.1))


def _bow(canvas: Canvas, style: Style, colour: Colour, centre: tuple[float, float]) -> None:
    x, y = centre
    ink = style.ink_colour(colour)
    for side in (-1, 1):
        tail = path([(x, y), (x + side * 0.34, y + 0.72), (x + side * 0.12, y + 0.66)])
        canvas.draw_shape(tail, style.darken_colour(colour, 0.5), ink)
        wing = catmull_rom(
            [(x, y), (x + side * 0.5, y - 0.24), (x + side * 0.52, y + 0.24)], closed=True
        )
        canvas.draw_shape(wing, colour, ink)
    canvas.draw_shape(ellipse(centre, (0.12, 0.14)), style.darken_colour(colour, 0.4), ink)


def draw_pattern(canvas: Canvas, look: CharacterDesign, style: Style, covered: np.ndarray) -> None:
    """Draw the pattern on the torso's cloth."""
    ink = style.ink_colour(look.cloth)
    if look.outfit in ("blazer", "jacket"):
        inner = WHITE if look.outfit == "blazer" else look.accent
        gap = 0.42 if look.outfit == "blazer" else 0.5
        panel = path([(-gap, 1.3), (gap, 1.3), (0.16, 3.3), (0.2, 5.0), (-0.2, 5.0), (-0.16, 3.3)])
        canvas.fill(panel, inner, clip=covered)
        canvas.stroke(
            path([(-gap, 1.3), (-0.16, 3.3), (-0.2, 5.0)]), ink, taper=(1, 1), clip=covered
        )
        canvas.stroke(path([(gap, 1.3), (0.16, 3.3), (0.2, 5.0)]), ink, taper=(1, 1), clip=covered)
    elif look.outfit == "yukata":
        rng = np.random.default_rng([look.seed, 5])
        for _ in range(9):
            spot = (float(rng.uniform(-1.1, 1.1)), float(rng.uniform(1.7, 4.4)))
            for petal in range(5):
                angle = petal * 2 * np.pi / 5
                at = (spot[0] + 0.11 * np.cos(angle), spot[1] + 0.11 * np.sin(angle))
                canvas.fill(
                    ellipse(at, (0.08, 0.08), steps=12), look.accent, clip=covered, alpha=0.8
                )
        canvas.fill(path([(-2, 3.25), (2, 3.25), (2, 4.05), (-2, 4.05)]), look.accent, clip=covered)
    elif look.outfit == "hoodie":
        pocket = path([(-0.5, 3.6), (0.5, 3.6), (0.75, 4.5), (-0.75, 4.5)])
        canvas.stroke(join_paths([pocket, pocket[:1]]), ink, width=0.8, taper=(1, 1), clip=covered)
    elif look.outfit == "dress":
        canvas.fill(path([(-2, 3.5), (2, 3.5), (2, 3.75), (-2, 3.75)]), look.accent, clip=covered)

"""Draws abstract backgrounds for openings, endings and eyecatches."""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix_colours
from whenanime_pipeline.core.sample.curves import box, ellipse, path
from whenanime_pipeline.core.sample.light import Light, TimeOfDay
from whenanime_pipeline.core.sample.style import Style

Rng = np.random.Generator
VIVID: tuple[Colour, ...] = (
    (248, 96, 120),
    (255, 176, 72),
    (250, 220, 96),
    (96, 200, 160),
    (80, 160, 236),
    (140, 110, 220),
    (240, 140, 200),
    (60, 70, 130),
)


def _two(rng: Rng) -> tuple[Colour, Colour]:
    first, second = rng.choice(len(VIVID), 2, replace=False)
    return VIVID[int(first)], VIVID[int(second)]


def draw_burst(
    canvas: Canvas, _style: Style, _light: Light, rng: Rng, wide: float, _time: TimeOfDay
) -> None:
    """Draw rays from a point, as behind a hero."""
    first, second = _two(rng)
    canvas.fill(box(0, 0, wide, 1), first)
    centre = (wide * float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.3, 0.7)))
    angle = float(rng.uniform(0, 1))
    while angle < 2 * np.pi + 0.4:
        width = float(rng.uniform(0.04, 0.2))
        ends = [
            (centre[0] + 4 * np.cos(a), centre[1] + 4 * np.sin(a)) for a in (angle, angle + width)
        ]
        tone = mix_colours(
            first, second if rng.random() < 0.6 else (255, 255, 255), float(rng.uniform(0.35, 0.9))
        )
        canvas.fill(path([centre, *ends]), tone)
        angle += width + float(rng.uniform(0.03, 0.16))
    canvas.fill(ellipse(centre, (0.16, 0.16)), (255, 255, 255), alpha=0.6, soft=0.06)


def draw_stripes(
    canvas: Canvas, _style: Style, _light: Light, rng: Rng, wide: float, _time: TimeOfDay
) -> None:
    """Draw slanted bands with discs."""
    first, second = _two(rng)
    canvas.fill_gradient(box(0, 0, wide, 1), first, mix_colours(first, second, 0.6))
    lean, x = float(rng.uniform(-0.8, 0.8)), -1.0
    while x < wide + 1:
        width = float(rng.uniform(0.02, 0.2))
        band = path([(x, 0), (x + width, 0), (x + width + lean, 1), (x + lean, 1)])
        canvas.fill(
            band, mix_colours(second, (255, 255, 255), float(rng.uniform(0, 0.7))), alpha=0.8
        )
        x += width + float(rng.uniform(0.05, 0.25))
    for at_x, at_y, size in rng.uniform([0, 0, 0.02], [wide, 1, 0.16], (9, 3)):
        canvas.fill(
            ellipse((at_x, at_y), (size, size)), mix_colours(first, (255, 255, 255), 0.6), alpha=0.7
        )


def draw_petals(
    canvas: Canvas, _style: Style, _light: Light, rng: Rng, wide: float, _time: TimeOfDay
) -> None:
    """Draw a soft gradient with drifting petals and bokeh."""
    first, second = _two(rng)
    canvas.fill_gradient(
        box(0, 0, wide, 1),
        mix_colours(first, (255, 255, 255), 0.55),
        mix_colours(second, (255, 255, 255), 0.35),
    )
    for at_x, at_y, size in rng.uniform([0, 0, 0.03], [wide, 1, 0.14], (16, 3)):
        canvas.fill(ellipse((at_x, at_y), (size, size)), (255, 255, 255), alpha=0.22, soft=0.008)
    petal = path([(0, -1), (0.55, -0.3), (0.4, 0.7), (0, 1), (-0.4, 0.7), (-0.55, -0.3)])
    for at_x, at_y, size, turn in rng.uniform([0, 0, 0.01, 0], [wide, 1, 0.05, 360], (46, 4)):
        local = canvas.with_transform(at_x, at_y, scale=size, degrees=turn)
        local.fill(petal, mix_colours(first, (255, 255, 255), 0.3))
        local.fill(petal * np.array([0.35, 0.7]), mix_colours(first, (255, 255, 255), 0.65))


def draw_checks(
    canvas: Canvas, _style: Style, _light: Light, rng: Rng, wide: float, _time: TimeOfDay
) -> None:
    """Draw a tilted chequerboard under a frame."""
    first, second = _two(rng)
    canvas.fill(box(0, 0, wide, 1), first)
    cell, tilt = float(rng.uniform(0.1, 0.22)), float(rng.uniform(-30, 30))
    local = canvas.with_transform(wide / 2, 0.5, degrees=tilt)
    for row in range(-9, 10):
        for column in range(-13, 14):
            if (row + column) % 2:
                x, y = column * cell, row * cell
                local.fill(box(x, y, x + cell, y + cell), mix_colours(first, second, 0.45))
    canvas.fill(box(0, 0, wide, 0.08), second)
    canvas.fill(box(0, 0.92, wide, 1), second)


def draw_night(
    canvas: Canvas, _style: Style, _light: Light, rng: Rng, wide: float, _time: TimeOfDay
) -> None:
    """Draw a star field with a nebula, for credits."""
    first, second = _two(rng)
    deep = mix_colours(first, (8, 8, 30), 0.82)
    canvas.fill_gradient(box(0, 0, wide, 1), deep, mix_colours(second, (10, 8, 30), 0.7))
    for at_x, at_y, size in rng.uniform([0, 0, 0.1], [wide, 1, 0.3], (7, 3)):
        canvas.fill(
            ellipse((at_x, at_y), (size, size * 0.5)),
            mix_colours(second, first, 0.4),
            alpha=0.22,
            soft=0.06,
        )
    for at_x, at_y, size in rng.uniform([0, 0, 0.0012], [wide, 1, 0.006], (150, 3)):
        canvas.fill(ellipse((at_x, at_y), (size, size), steps=8), (250, 248, 255))

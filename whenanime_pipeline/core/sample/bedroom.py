"""Draws a bedroom. Units: the picture's height is 1, its width `wide`."""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, mix_colours
from whenanime_pipeline.core.sample.curves import box, catmull_rom, ellipse, path
from whenanime_pipeline.core.sample.light import Light, TimeOfDay
from whenanime_pipeline.core.sample.rooms import WALLS, WOODS, choose_colour, draw_window
from whenanime_pipeline.core.sample.scenery import Rng
from whenanime_pipeline.core.sample.style import Style


def draw_bedroom(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Draw a bed, a shelf of books, a lamp and a window."""
    wall, wood = (
        light.apply_light(choose_colour(rng, WALLS)),
        light.apply_light(choose_colour(rng, WOODS)),
    )
    cover = light.apply_light(
        choose_colour(rng, ((110, 150, 210), (230, 140, 150), (130, 190, 150), (240, 200, 110)))
    )
    canvas.fill_gradient(box(0, 0, wide, 0.74), wall, style.darken_colour(wall, 0.25))
    for x in np.arange(0, wide, 0.09):
        canvas.fill(box(x, 0, x + 0.03, 0.7), mix_colours(wall, cover, 0.12))
    canvas.fill_gradient(box(0, 0.74, wide, 1), wood, style.darken_colour(wood, 0.7))
    canvas.fill(box(0, 0.7, wide, 0.74), mix_colours(wall, (255, 255, 255), 0.4))
    x = wide * float(rng.uniform(0.32, 0.5))
    draw_window(canvas, style, light, rng, (x, 0.12, x + 0.42, 0.5), time)
    curtain = mix_colours(cover, (255, 255, 255), 0.3)
    for side in (-1, 1):
        edge = x + 0.21 + side * 0.26
        drape = catmull_rom(
            [(edge - 0.06, 0.07), (edge + 0.06, 0.07), (edge + 0.07, 0.56), (edge - 0.07, 0.56)],
            closed=True,
            steps=4,
        )
        canvas.draw_shape(drape, curtain, style.ink_colour(curtain), width=0.7)
        for fold in (-0.03, 0.0, 0.03):
            canvas.stroke(
                path([(edge + fold, 0.08), (edge + fold * 1.2, 0.55)]),
                style.darken_colour(curtain),
                taper=(0.3, 1),
            )
    left = float(rng.uniform(0.03, 0.1))
    canvas.draw_shape(
        box(left, 0.16, left + 0.34, 0.74), style.darken_colour(wood, 0.3), style.ink_colour(wood)
    )
    for y in (0.19, 0.37, 0.55):
        canvas.fill(box(left + 0.02, y, left + 0.32, y + 0.155), style.darken_colour(wood, 1.2))
        bx = left + 0.025
        while bx < left + 0.29:
            thick, tall = float(rng.uniform(0.012, 0.03)), float(rng.uniform(0.1, 0.145))
            hue = light.apply_light(tuple(int(v) for v in rng.integers(70, 230, 3)))  # type: ignore[arg-type]
            canvas.fill(box(bx, y + 0.155 - tall, bx + thick, y + 0.155), hue)
            bx += thick + 0.002
    bed = wide - 0.75 + float(rng.uniform(-0.08, 0.08))
    canvas.draw_shape(box(bed, 0.62, wide + 0.1, 0.9), wood, style.ink_colour(wood))
    canvas.draw_shape(
        catmull_rom(
            [
                (bed + 0.01, 0.64),
                (bed + 0.4, 0.6),
                (wide + 0.1, 0.6),
                (wide + 0.1, 0.84),
                (bed + 0.01, 0.84),
            ],
            closed=True,
        ),
        cover,
        style.ink_colour(cover),
    )
    canvas.draw_shape(
        ellipse((bed + 0.14, 0.62), (0.11, 0.05)),
        (246, 246, 250),
        style.ink_colour((246, 246, 250)),
    )
    glow = (wide * 0.86, 0.2)
    canvas.fill(ellipse(glow, (0.2, 0.2)), (255, 236, 170), alpha=0.35, soft=0.05)
    canvas.draw_shape(
        path(
            [
                (glow[0] - 0.04, 0.16),
                (glow[0] + 0.04, 0.16),
                (glow[0] + 0.08, 0.25),
                (glow[0] - 0.08, 0.25),
            ]
        ),
        (250, 226, 160),
        style.ink_colour(wood),
    )

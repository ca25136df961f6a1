"""Draws rooms of a school. Units: the picture's height is 1, its width `wide`."""

from itertools import pairwise

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, mix_colours
from whenanime_pipeline.core.sample.curves import box, path
from whenanime_pipeline.core.sample.light import Light, TimeOfDay
from whenanime_pipeline.core.sample.rooms import WALLS, WOODS, choose_colour, draw_window
from whenanime_pipeline.core.sample.scenery import Rng
from whenanime_pipeline.core.sample.style import Style


def draw_classroom(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Draw windows, a blackboard or lockers, and rows of desks."""
    wall, wood = (
        light.apply_light(choose_colour(rng, WALLS)),
        light.apply_light(choose_colour(rng, WOODS)),
    )
    canvas.fill_gradient(box(0, 0, wide, 0.68), mix_colours(wall, (255, 255, 255), 0.15), wall)
    canvas.fill(box(0, 0.5, wide, 0.68), mix_colours(wall, wood, 0.45))
    canvas.fill_gradient(box(0, 0.68, wide, 1), wood, style.darken_colour(wood, 0.7))
    for x in np.linspace(-wide, 2 * wide, 24):
        canvas.stroke(
            path([(wide / 2 + (x - wide / 2) * 0.4, 0.68), (x, 1.0)]),
            style.darken_colour(wood),
            width=0.6,
            taper=(0.5, 1),
        )
    split = wide * float(rng.uniform(0.45, 0.6))
    count = 3
    for number in range(count):
        x0 = 0.05 + number * (split - 0.08) / count
        draw_window(
            canvas, style, light, rng, (x0, 0.1, x0 + (split - 0.08) / count - 0.03, 0.48), time
        )
    board = light.apply_light((44, 92, 78))
    canvas.draw_shape(
        box(split + 0.05, 0.14, wide - 0.04, 0.5),
        light.apply_light((150, 110, 76)),
        style.ink_colour(wood),
    )
    canvas.fill(box(split + 0.07, 0.16, wide - 0.06, 0.48), board)
    for y in np.linspace(0.22, 0.42, 4):
        x = split + 0.1
        while x < wide - 0.2:
            length = float(rng.uniform(0.02, 0.07))
            canvas.stroke(
                path([(x, y), (x + length / 2, y + rng.uniform(-0.012, 0.012)), (x + length, y)]),
                (226, 236, 230),
                width=0.8,
                taper=(1, 1),
                alpha=0.8,
            )
            x += length + 0.016
    for row, (y, size) in enumerate(((0.66, 0.13), (0.76, 0.18), (0.9, 0.26))):
        for x in np.arange(0.04 + 0.1 * (row % 2), wide + 0.2, size * 2.2):
            for leg in (0.06, 0.94):
                canvas.stroke(
                    path([(x + size * leg, y), (x + size * leg, y + size * 0.8)]),
                    light.apply_light((120, 124, 132)),
                    width=1.6 + 0.6 * row,
                    taper=(1, 1),
                )
            top = path(
                [
                    (x, y),
                    (x + size, y),
                    (x + size * 1.12, y + size * 0.22),
                    (x - size * 0.12, y + size * 0.22),
                ]
            )
            desk = mix_colours(wood, (255, 240, 210), 0.35)
            canvas.draw_shape(top, desk, style.ink_colour(wood), width=0.8)
            canvas.fill(
                box(x - size * 0.12, y + size * 0.22, x + size * 1.12, y + size * 0.3),
                style.darken_colour(desk, 0.8),
            )


def draw_corridor(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, _time: TimeOfDay
) -> None:
    """Draw a corridor in one-point perspective, with windows on one side and doors on the other."""
    wall, wood = (
        light.apply_light(choose_colour(rng, WALLS)),
        light.apply_light(choose_colour(rng, WOODS)),
    )
    at = (wide * float(rng.uniform(0.35, 0.65)), 0.45)

    def toward(x: float, y: float, t: float) -> tuple[float, float]:
        return x + (at[0] - x) * t, y + (at[1] - y) * t

    canvas.fill(path([(0, 0), (wide, 0), at]), mix_colours(wall, (255, 255, 255), 0.4))
    canvas.fill(path([(0, 1), (wide, 1), at]), wood)
    canvas.fill(path([(0, 0), at, (0, 1)]), wall)
    canvas.fill(path([(wide, 0), at, (wide, 1)]), style.darken_colour(wall, 0.4))
    for x in np.linspace(0, wide, 9):
        canvas.stroke(path([(x, 1), at]), style.darken_colour(wood), width=0.7, taper=(1, 0.2))
    places = [0.0, 0.3, 0.5, 0.64, 0.74]
    flip = rng.random() < 0.5
    for start, stop in pairwise(places):
        near, far = start + 0.02, stop - 0.02
        side, other = (wide, 0.0) if flip else (0.0, wide)
        pane = path(
            [
                toward(side, 0.2, near),
                toward(side, 0.2, far),
                toward(side, 0.62, far),
                toward(side, 0.62, near),
            ]
        )
        canvas.fill_gradient(pane, light.sky_top, light.sky_low)
        canvas.draw_outline(pane, style.ink_colour(wall))
        canvas.fill(
            path(
                [
                    toward(side, 1.0, near),
                    toward(side, 1.0, far),
                    toward(at[0], 1.0, far),
                    toward(at[0], 1.0, near),
                ]
            ),
            (255, 250, 220),
            alpha=0.18,
        )
        door = path(
            [
                toward(other, 0.15, near),
                toward(other, 0.15, far),
                toward(other, 0.95, far),
                toward(other, 0.95, near),
            ]
        )
        tone = light.apply_light((150, 176, 164)) if (near * 10) % 2 < 1 else wood
        canvas.draw_shape(door, tone, style.ink_colour(tone))
        glass = path(
            [
                toward(other, 0.24, near + 0.03),
                toward(other, 0.24, far - 0.02),
                toward(other, 0.5, far - 0.02),
                toward(other, 0.5, near + 0.03),
            ]
        )
        canvas.draw_shape(glass, light.window, style.ink_colour(tone), width=0.7)
    end = [toward(0, 0, 0.8), toward(wide, 0, 0.8), toward(wide, 1, 0.8), toward(0, 1, 0.8)]
    canvas.draw_shape(path(end), mix_colours(wall, light.sky_low, 0.5), style.ink_colour(wall))

"""Draws places in a town: roofs, a street, a train. Units: the picture's height is 1."""

from itertools import pairwise

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, mix_colours
from whenanime_pipeline.core.sample.curves import (
    box,
    ellipse,
    path,
    quadratic_bezier,
)
from whenanime_pipeline.core.sample.light import Light, TimeOfDay
from whenanime_pipeline.core.sample.rooms import choose_colour
from whenanime_pipeline.core.sample.scenery import Rng, draw_sky
from whenanime_pipeline.core.sample.style import Style


def _window_grid(
    canvas: Canvas,
    light: Light,
    rng: Rng,
    area: tuple[float, float, float, float],
    lit: float,
    pane: float,
) -> None:
    x0, y0, x1, y1 = area
    for y in np.arange(y0 + pane * 0.8, y1 - pane, pane * 1.9):
        for x in np.arange(x0 + pane * 0.5, x1 - pane, pane * 1.5):
            on = rng.random() < lit
            colour = (
                (252, 222, 132)
                if on
                else mix_colours(light.window if lit == 0 else light.sky_top, light.wall, 0.25)
            )
            canvas.fill(box(x, y, x + pane * 0.85, y + pane), colour)


def draw_skyline(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Draw towers of a city behind a parapet."""
    draw_sky(canvas, light, rng, wide, 0.95, time)
    lit = 0.55 if time == "night" else (0.25 if time == "sunset" else 0.0)
    for distance, top, width in ((0.72, 0.36, 0.1), (0.45, 0.46, 0.13), (0.12, 0.6, 0.19)):
        x = -0.05
        while x < wide:
            w, y = width * rng.uniform(0.6, 1.3), top + rng.uniform(-0.17, 0.14)
            wall = light.fade_with_distance(
                mix_colours(light.wall, light.roof, float(rng.uniform(0, 0.45))), distance
            )
            canvas.fill(box(x, y, x + w, 1), wall)
            canvas.fill(box(x + w * 0.68, y, x + w, 1), style.darken_colour(wall, 0.7))
            if distance < 0.7:
                _window_grid(canvas, light, rng, (x, y, x + w * 0.66, 0.98), lit, 0.024)
            if rng.random() < 0.35:
                canvas.fill(box(x + w * 0.3, y - 0.06, x + w * 0.33, y), wall)
            x += w + rng.uniform(-0.01, 0.02)
    wall = light.apply_light((150, 150, 162))
    canvas.draw_shape(box(-0.1, 0.9, wide + 0.1, 1.1), wall, style.ink_colour(wall))
    canvas.fill(box(-0.1, 0.9, wide + 0.1, 0.925), mix_colours(wall, (255, 255, 255), 0.35))
    if rng.random() < 0.6:
        for x in np.arange(0, wide, 0.16):
            canvas.stroke(
                path([(x, 0.6), (x, 0.9)]), style.darken_colour(wall), width=2.2, taper=(1, 1)
            )
        for y in (0.6, 0.75):
            canvas.stroke(
                path([(0, y), (wide, y)]), style.darken_colour(wall), width=2.2, taper=(1, 1)
            )


def draw_street(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Draw a street between houses, in one-point perspective."""
    vanish = (wide * float(rng.uniform(0.35, 0.65)), float(rng.uniform(0.5, 0.6)))
    draw_sky(canvas, light, rng, wide, vanish[1] + 0.1, time)
    road = light.apply_light((132, 134, 144))

    def toward(x: float, y: float, t: float) -> tuple[float, float]:
        return x + (vanish[0] - x) * t, y + (vanish[1] - y) * t

    canvas.fill(
        path([(-0.6, 1.05), vanish, (wide + 0.6, 1.05)]), light.apply_light((176, 172, 168))
    )
    canvas.fill(path([(wide * 0.08, 1.05), vanish, (wide * 0.92, 1.05)]), road)
    for t in (0.05, 0.3, 0.48, 0.62, 0.72, 0.8):
        near, far = t, t + 0.12 * (1 - t)
        dash = [
            toward(wide * 0.49, 1.05, near),
            toward(wide * 0.51, 1.05, near),
            toward(wide * 0.51, 1.05, far),
            toward(wide * 0.49, 1.05, far),
        ]
        canvas.fill(path(dash), (240, 240, 236))
    lit = time in ("night", "sunset")
    for edge in (-0.12, wide + 0.12):
        places = [0.86, 0.74, 0.6, 0.42, 0.18, -0.1]
        for far, near in pairwise(places):
            top = float(rng.uniform(-0.1, 0.12))
            base = (
                light.wall,
                light.roof,
                light.apply_light((206, 170, 140)),
                light.apply_light((150, 170, 190)),
            )[int(rng.integers(4))]
            wall = light.fade_with_distance(base, 0.5 * far)
            front = path(
                [
                    toward(edge, 1.0, near),
                    toward(edge, 1.0, far - 0.01),
                    toward(edge, top, far - 0.01),
                    toward(edge, top, near),
                ]
            )
            canvas.draw_shape(front, wall, style.ink_colour(wall), width=0.8)
            for u in np.linspace(near, far, 4)[:-1]:
                for v in (0.2, 0.42, 0.64):
                    u1, y0, y1 = (
                        u + (far - near) * 0.2,
                        top + (1 - top) * v,
                        top + (1 - top) * (v + 0.13),
                    )
                    pane = path(
                        [
                            toward(edge, y0, u + 0.012),
                            toward(edge, y0, u1),
                            toward(edge, y1, u1),
                            toward(edge, y1, u + 0.012),
                        ]
                    )
                    colour = (
                        (252, 220, 140)
                        if lit and rng.random() < 0.6
                        else light.fade_with_distance(light.window, 0.2)
                    )
                    canvas.draw_shape(pane, colour, style.ink_colour(wall), width=0.6)
        for t in (0.2, 0.55, 0.75):
            pole = [
                toward(edge * 0.9 + wide * 0.05, 0.98, t),
                toward(edge * 0.9 + wide * 0.05, 0.0, t),
            ]
            canvas.stroke(
                path(pole), light.apply_light((92, 88, 96)), width=4 * (1 - t), taper=(1, 1)
            )
    for y in (0.02, 0.06):
        a, b = toward(-0.05, y, 0.2), toward(-0.05, y, 0.75)
        canvas.stroke(
            quadratic_bezier(a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + 0.05), b),
            (50, 48, 60),
            width=0.7,
            taper=(1, 0.5),
        )


def draw_train(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Draw a train carriage: a long window over a bench, straps above."""
    wall = light.apply_light((224, 224, 216))
    canvas.fill(box(0, 0, wide, 1), wall)
    draw_sky(canvas, light, rng, wide, 0.62, time)
    horizon = np.linspace(-0.1, wide + 0.1, 60)
    roofs = 0.5 + np.repeat(rng.uniform(-0.08, 0.03, 20), 3)
    canvas.fill(
        np.concatenate([np.stack([horizon, roofs], 1), [(wide + 0.1, 0.7), (-0.1, 0.7)]]),
        light.fade_with_distance(light.wall, 0.35),
    )
    canvas.fill(box(-0.1, 0, wide + 0.1, 0.14), wall)
    canvas.fill(box(-0.1, 0.6, wide + 0.1, 1.1), wall)
    for x in np.arange(float(rng.uniform(-0.3, 0)), wide, 0.62):
        canvas.fill(box(x, 0, x + 0.07, 0.7), wall)
        canvas.stroke(
            path([(x + 0.07, 0.14), (x + 0.07, 0.6)]), style.ink_colour(wall), taper=(1, 1)
        )
        canvas.stroke(path([(x, 0.14), (x, 0.6)]), style.ink_colour(wall), taper=(1, 1))
    seat = light.apply_light(choose_colour(rng, ((60, 120, 92), (70, 92, 160), (168, 60, 70))))
    canvas.draw_shape(box(-0.1, 0.66, wide + 0.1, 0.86), seat, style.ink_colour(seat))
    canvas.fill(box(-0.1, 0.82, wide + 0.1, 0.9), style.darken_colour(seat, 0.9))
    for x in np.arange(0, wide, 0.22):
        canvas.stroke(
            path([(x, 0.67), (x, 0.81)]), style.darken_colour(seat), width=0.8, taper=(1, 1)
        )
    canvas.fill_gradient(
        box(-0.1, 0.9, wide + 0.1, 1.1), style.darken_colour(wall, 0.6), style.darken_colour(wall)
    )
    canvas.stroke(
        path([(0, 0.06), (wide, 0.06)]), light.apply_light((150, 154, 160)), width=3, taper=(1, 1)
    )
    for x in np.arange(0.06, wide, 0.16):
        canvas.stroke(
            path([(x, 0.06), (x, 0.16)]),
            light.apply_light((110, 110, 116)),
            width=1.4,
            taper=(1, 1),
        )
        canvas.draw_outline(
            ellipse((x, 0.2), (0.028, 0.036)), light.apply_light((240, 240, 244)), width=2.2
        )

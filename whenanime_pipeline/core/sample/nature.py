"""Draws places in nature. Units: the picture's height is 1, its width `wide`."""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, mix_colours
from whenanime_pipeline.core.sample.curves import (
    box,
    catmull_rom,
    ellipse,
    join_paths,
    outline_stroke,
    path,
    quadratic_bezier,
)
from whenanime_pipeline.core.sample.light import Light, TimeOfDay
from whenanime_pipeline.core.sample.scenery import Rng, choose_ridge, draw_sky, draw_tree
from whenanime_pipeline.core.sample.style import Style


def draw_meadow(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Draw hills, a path and flowers under a large sky."""
    low = float(rng.uniform(0.55, 0.72))
    draw_sky(canvas, light, rng, wide, low + 0.1, time)
    for distance, y in ((0.65, low - 0.06), (0.4, low), (0.15, low + 0.08)):
        canvas.fill(
            choose_ridge(rng, wide, y, 0.05), light.fade_with_distance(light.leaf, distance)
        )
    canvas.fill_gradient(
        choose_ridge(rng, wide, low + 0.15, 0.03), light.leaf, style.darken_colour(light.leaf, 0.7)
    )
    for _ in range(int(rng.integers(1, 4))):
        draw_tree(
            canvas,
            style,
            rng,
            (float(rng.uniform(0, wide)), low + 0.17),
            float(rng.uniform(0.25, 0.5)),
            light.leaf,
        )
    bloom = light.apply_light(
        ((250, 220, 90), (250, 150, 180), (250, 250, 250))[int(rng.integers(3))]
    )
    for x, depth in rng.uniform([0, 0.2], [wide, 1], (140, 2)):
        y = low + 0.16 + depth**2 * (0.86 - low)
        canvas.stroke(
            path([(x, y), (x + 0.008, y - 0.03 * depth)]),
            style.darken_colour(light.leaf, 0.9),
            taper=(1, 0.3),
        )
        if (x * 1000) % 3 < 1:
            canvas.fill(
                ellipse((x + 0.008, y - 0.03 * depth), (0.009 * depth, 0.007 * depth), steps=9),
                bloom,
            )


def draw_forest(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Draw trunks in depth with shafts of light."""
    canvas.fill_gradient(
        box(0, 0, wide, 1),
        light.fade_with_distance(light.leaf, 0.55),
        light.fade_with_distance(light.leaf, 0.3),
    )
    ground = float(rng.uniform(0.7, 0.8))
    for layer, distance in enumerate((0.6, 0.4, 0.2, 0.0)):
        foot = ground - 0.06 + layer * 0.035
        colour = light.fade_with_distance(light.apply_light((88, 64, 56)), distance)
        for x in rng.uniform(0, wide, 9 - 2 * layer):
            girth = 0.022 + 0.018 * layer * rng.uniform(0.7, 1.3)
            lean = float(rng.uniform(-0.03, 0.03))
            trunk = outline_stroke(
                quadratic_bezier((x + lean, -0.05), (x, foot * 0.6), (x, foot + 0.02)),
                (girth, girth, girth * 1.7),
            )
            canvas.fill(trunk, colour)
            canvas.fill(
                trunk + np.array([girth * 0.35, 0]),
                style.darken_colour(colour),
                clip=canvas.cover_mask(trunk),
            )
        canvas.fill(
            choose_ridge(rng, wide, foot, 0.012),
            light.fade_with_distance(light.leaf, distance * 0.7),
        )
        leaf = light.fade_with_distance(style.darken_colour(light.leaf, 0.25 * layer), distance)
        for x, y in rng.uniform([0, -0.04], [wide, 0.2 - 0.03 * layer], (30, 2)):
            canvas.fill(ellipse((x, y), (0.075, 0.045), steps=14), leaf)
    if time != "night":
        for x in rng.uniform(0, wide, 4):
            shaft = path([(x, 0), (x + 0.12, 0), (x - 0.12, 0.85), (x - 0.34, 0.85)])
            canvas.fill(shaft, (255, 250, 200), alpha=0.17, soft=0.012)
    for x, y in rng.uniform([0, ground + 0.06], [wide, 1.0], (60, 2)):
        blade = quadratic_bezier((x, y), (x, y - 0.04), (x + rng.uniform(-0.03, 0.03), y - 0.06))
        canvas.stroke(blade, style.darken_colour(light.leaf, 0.9), width=1.6, taper=(1, 0.2))


def draw_sea(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Draw sea and beach."""
    line = float(rng.uniform(0.42, 0.55))
    draw_sky(canvas, light, rng, wide, line, time)
    for _ in range(int(rng.integers(0, 3))):
        x = float(rng.uniform(0, wide))
        isle = join_paths(
            [
                catmull_rom(
                    [
                        (x - 0.24, line),
                        (x - 0.1, line - 0.07),
                        (x + 0.05, line - 0.11),
                        (x + 0.22, line),
                    ]
                )
            ]
        )
        canvas.fill(isle, light.fade_with_distance(light.leaf, 0.55))
    deep, shore = light.apply_light((30, 108, 168)), light.apply_light((96, 196, 206))
    canvas.fill_gradient(box(0, line, wide, 0.84), mix_colours(deep, light.sky_low, 0.2), shore)
    for x, depth in rng.uniform([0, 0], [wide, 1], (130, 2)):
        y = line + 0.006 + depth**1.7 * 0.3
        half = 0.012 + 0.07 * depth
        canvas.stroke(
            quadratic_bezier((x - half, y), (x, y - 0.008 * depth), (x + half, y)),
            mix_colours(light.sky_low, (255, 255, 255), 0.4),
            width=0.6 + depth,
            taper=(0.1, 1, 0.1),
            alpha=0.75,
        )
    sand = light.apply_light((236, 216, 170))
    canvas.fill(choose_ridge(rng, wide, 0.8, 0.02), (250, 252, 255), alpha=0.85)
    canvas.fill_gradient(choose_ridge(rng, wide, 0.83, 0.018), sand, style.darken_colour(sand, 0.5))


def draw_mountains(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Draw peaks with snow over a lake."""
    draw_sky(canvas, light, rng, wide, 0.7, time)
    rock = light.apply_light((112, 122, 150))
    for distance, y, height in ((0.6, 0.62, 0.24), (0.3, 0.66, 0.34)):
        x = float(rng.uniform(-0.3, 0))
        while x < wide:
            half, top = float(rng.uniform(0.25, 0.45)), y - height * float(rng.uniform(0.6, 1.15))
            colour = light.fade_with_distance(rock, distance)
            peak = path([(x, y + 0.05), (x + half, top), (x + 2 * half, y + 0.05)])
            canvas.fill(peak, colour)
            inside = canvas.cover_mask(peak)
            canvas.fill(
                path(
                    [
                        (x + half, top),
                        (x + half * 1.2, y),
                        (x + half * 0.9, y + 0.1),
                        (x + 2 * half, y + 0.1),
                    ]
                ),
                style.darken_colour(colour, 0.8),
                clip=inside,
            )
            snow = (
                [(x, top - 0.1), (x, top + 0.1)]
                + [
                    (x + half * (0.2 + 0.2 * i), top + 0.1 + (0.05 if i % 2 else -0.01))
                    for i in range(9)
                ]
                + [(x + 2 * half, top - 0.1)]
            )
            canvas.fill(
                path(snow),
                light.fade_with_distance((246, 250, 255), distance * 0.5),
                clip=inside,
                alpha=0.9,
            )
            x += half * float(rng.uniform(0.8, 1.4))
    canvas.fill(choose_ridge(rng, wide, 0.68, 0.02), light.fade_with_distance(light.leaf, 0.25))
    for x in np.sort(rng.uniform(0, wide, 34)):
        size = float(rng.uniform(0.04, 0.1))
        canvas.fill(
            path([(x - size * 0.3, 0.74), (x, 0.74 - size), (x + size * 0.3, 0.74)]),
            light.fade_with_distance(style.darken_colour(light.leaf, 0.8), 0.15),
        )
    water = mix_colours(light.sky_low, light.apply_light((70, 140, 180)), 0.5)
    canvas.fill_gradient(box(-0.1, 0.74, wide + 0.1, 1.1), water, style.darken_colour(water, 0.7))
    for x, y in rng.uniform([0, 0.76], [wide, 1.0], (60, 2)):
        canvas.stroke(
            path([(x - 0.05, y), (x + 0.05, y)]),
            mix_colours(light.sky_low, (255, 255, 255), 0.5),
            taper=(0, 1, 0),
            alpha=0.6,
        )


def draw_shrine(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Draw steps up to a red gate among trees."""
    draw_sky(canvas, light, rng, wide, 0.75, time)
    canvas.fill(choose_ridge(rng, wide, 0.42, 0.07), light.fade_with_distance(light.leaf, 0.45))
    centre = wide * float(rng.uniform(0.35, 0.65))
    for side in (-1, 1):
        for step in range(4):
            draw_tree(
                canvas,
                style,
                rng,
                (centre + side * (0.36 + 0.2 * step), 0.72 + 0.03 * step),
                float(rng.uniform(0.5, 0.8)),
                light.leaf,
            )
    canvas.fill(choose_ridge(rng, wide, 0.7, 0.015), style.darken_colour(light.leaf, 0.4))
    stone = light.apply_light((178, 176, 178))
    for step in range(9):
        y, half = 0.64 + 0.04 * step, 0.2 + 0.028 * step
        tread = box(centre - half, y, centre + half, y + 0.04)
        canvas.draw_shape(
            tread,
            mix_colours(stone, style.darken_colour(stone), 0.5),
            style.ink_colour(stone),
            width=0.5,
        )
        canvas.fill(box(centre - half, y, centre + half, y + 0.016), stone)
    red = light.apply_light((206, 62, 48))
    for side in (-1, 1):
        canvas.draw_shape(
            path(
                [
                    (centre + side * 0.23, 0.68),
                    (centre + side * 0.29, 0.68),
                    (centre + side * 0.25, 0.2),
                    (centre + side * 0.205, 0.2),
                ]
            ),
            red,
            style.ink_colour(red),
        )
    canvas.draw_shape(box(centre - 0.29, 0.28, centre + 0.29, 0.315), red, style.ink_colour(red))
    beam = join_paths(
        [
            quadratic_bezier((centre - 0.38, 0.14), (centre, 0.2), (centre + 0.38, 0.14)),
            quadratic_bezier((centre + 0.36, 0.22), (centre, 0.235), (centre - 0.36, 0.22)),
        ]
    )
    canvas.draw_shape(beam, style.darken_colour(red, 0.4), style.ink_colour(red))

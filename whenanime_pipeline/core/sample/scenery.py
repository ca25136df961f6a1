"""Provides the elements of outdoor places: sky, clouds, hills and trees.

Units: the picture's height is 1, its width `wide`.
"""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix_colours
from whenanime_pipeline.core.sample.curves import (
    Path,
    box,
    catmull_rom,
    ellipse,
    join_paths,
    outline_stroke,
    path,
)
from whenanime_pipeline.core.sample.light import Light, TimeOfDay
from whenanime_pipeline.core.sample.style import Style

Rng = np.random.Generator


def draw_sky(
    canvas: Canvas, light: Light, rng: Rng, wide: float, low: float, time: TimeOfDay
) -> None:
    """Draw the sky down to `low`, with the sun, moon, stars and clouds of the time of day."""
    canvas.fill_gradient(box(0, 0, wide, low), light.sky_top, light.sky_low)
    if time == "night":
        for x, y, size in rng.uniform([0, 0, 0.001], [wide, low * 0.8, 0.0042], (90, 3)):
            canvas.fill(ellipse((x, y), (size, size), steps=8), (240, 240, 255), alpha=0.9)
        moon = (float(rng.uniform(0.2, 0.8)) * wide, float(rng.uniform(0.12, 0.25)))
        canvas.fill(ellipse(moon, (0.16, 0.16)), (200, 210, 255), alpha=0.25, soft=0.05)
        canvas.fill(ellipse(moon, (0.075, 0.075)), (252, 246, 216))
    elif time in ("sunset", "dawn"):
        sun = (float(rng.uniform(0.2, 0.8)) * wide, low - float(rng.uniform(0.04, 0.2)))
        canvas.fill(ellipse(sun, (0.34, 0.3)), (255, 220, 150), alpha=0.5, soft=0.09)
        canvas.fill(ellipse(sun, (0.085, 0.085)), (255, 248, 214))
    count = int(rng.integers(2, 6)) if time != "overcast" else 9
    for _ in range(count):
        draw_cloud(
            canvas,
            light,
            rng,
            (float(rng.uniform(0, wide)), float(rng.uniform(0.08, low * 0.8))),
            float(rng.uniform(0.1, 0.34)),
        )


def draw_cloud(
    canvas: Canvas, light: Light, rng: Rng, centre: tuple[float, float], size: float
) -> None:
    """Draw a cumulus cloud with a flat, shaded base."""
    puffs = int(rng.integers(5, 9))
    xs = np.sort(rng.uniform(-1, 1, puffs))
    shape = [
        ellipse(
            (centre[0] + x * size, centre[1] - (1 - x * x) * size * 0.32 * rng.uniform(0.5, 1.1)),
            (size * rng.uniform(0.26, 0.46), size * rng.uniform(0.2, 0.34)),
        )
        for x in xs
    ]
    foot = centre[1] + size * 0.1
    covered = canvas.cover_mask(*shape)
    edge = canvas.cover_mask(box(-1, -1, 9, foot))
    clip = np.minimum(covered, edge)
    canvas.fill(
        box(centre[0] - 2 * size, centre[1] - size, centre[0] + 2 * size, foot),
        light.cloud,
        clip=clip,
        alpha=0.96,
    )
    shade = [puff + np.array([size * 0.06, size * 0.2]) for puff in shape]
    for puff in shade:
        canvas.fill(puff, light.cloud_shade, clip=clip, alpha=0.75, soft=size * 0.02)


def choose_ridge(rng: Rng, wide: float, y: float, rough: float, steps: int = 9) -> Path:
    """Return a random hilly horizon from left to right, closed along the bottom."""
    xs = np.linspace(-0.1, wide + 0.1, steps)
    ys = y + rng.uniform(-rough, rough, steps)
    return join_paths([catmull_rom(np.stack([xs, ys], axis=1)), [(wide + 0.1, 1.1), (-0.1, 1.1)]])


def draw_tree(
    canvas: Canvas, style: Style, rng: Rng, foot: tuple[float, float], size: float, leaf: Colour
) -> None:
    """Draw a broad tree: trunk and a crown of three tones."""
    x, y = foot
    bark = mix_colours((104, 74, 60), leaf, 0.15)
    trunk = outline_stroke(
        path([(x, y), (x + 0.02 * size, y - 0.3 * size), (x, y - 0.6 * size)]),
        (0.13 * size, 0.08 * size, 0.06 * size),
    )
    canvas.draw_shape(trunk, bark, style.ink_colour(bark), width=0.7)
    for tone, rise, spread in (
        (style.darken_colour(leaf, 0.8), 0.0, 1.0),
        (leaf, 0.09, 0.86),
        (mix_colours(leaf, (250, 250, 190), 0.3), 0.2, 0.55),
    ):
        for _ in range(9):
            at = (
                x + rng.normal(0, 0.2) * size * spread,
                y - (0.72 + rise + rng.normal(0, 0.11)) * size,
            )
            radius = size * spread * rng.uniform(0.1, 0.21)
            bumps = radius * (1 + 0.14 * np.sin(np.arange(30) * 2 * np.pi / 30 * 7))
            angles = np.arange(30) * 2 * np.pi / 30
            canvas.fill(
                np.stack(
                    [at[0] + bumps * np.cos(angles), at[1] + bumps * 0.85 * np.sin(angles)], 1
                ),
                tone,
            )

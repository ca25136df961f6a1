"""Provides the elements of rooms: colours of walls and wood, and windows.

Units: the picture's height is 1, its width `wide`.
"""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix_colours
from whenanime_pipeline.core.sample.curves import box, ellipse, path
from whenanime_pipeline.core.sample.light import Light, TimeOfDay
from whenanime_pipeline.core.sample.style import Style

Rng = np.random.Generator


WALLS: tuple[Colour, ...] = ((238, 228, 206), (212, 226, 226), (234, 214, 216), (220, 222, 238))


WOODS: tuple[Colour, ...] = ((190, 140, 92), (164, 112, 78), (214, 176, 128))


def choose_colour(rng: Rng, colours: tuple[Colour, ...]) -> Colour:
    """Return one of the colours."""
    return colours[int(rng.integers(len(colours)))]


def draw_window(
    canvas: Canvas,
    style: Style,
    light: Light,
    rng: Rng,
    area: tuple[float, float, float, float],
    time: TimeOfDay,
) -> None:
    """Draw a window with a view of the sky, two panes and a sill."""
    x0, y0, x1, y1 = area
    frame = light.apply_light((236, 236, 232))
    canvas.fill_gradient(box(x0, y0, x1, y1), light.sky_top, light.sky_low)
    inside = canvas.cover_mask(box(x0, y0, x1, y1))
    for _ in range(3):
        at = (float(rng.uniform(x0, x1)), float(rng.uniform(y0, y1)))
        for step in range(4):
            canvas.fill(
                ellipse((at[0] + 0.03 * step, at[1] - 0.008 * (step % 2)), (0.04, 0.022), steps=16),
                light.cloud,
                clip=inside,
                alpha=0.9,
            )
    canvas.fill(
        ellipse(((x0 + x1) / 2, y1 + 0.02), ((x1 - x0) * 0.6, (y1 - y0) * 0.25)),
        light.fade_with_distance(light.leaf, 0.35),
        clip=inside,
    )
    thick = 0.012
    for bar in (
        box(x0, y0, x0 + thick, y1),
        box(x1 - thick, y0, x1, y1),
        box(x0, y0, x1, y0 + thick),
        box((x0 + x1 - thick) / 2, y0, (x0 + x1 + thick) / 2, y1),
    ):
        canvas.fill(bar, frame)
    canvas.draw_outline(box(x0, y0, x1, y1), style.ink_colour(frame), width=0.8)
    canvas.draw_shape(
        box(x0 - 0.015, y1, x1 + 0.015, y1 + 0.025), frame, style.ink_colour(frame), width=0.7
    )
    if time in ("day", "sunset", "dawn"):
        beam = path([(x0, y1), (x1, y1), (x1 + 0.3, 1.0), (x0 + 0.2, 1.0)])
        canvas.fill(beam, mix_colours(light.sky_low, (255, 246, 214), 0.6), alpha=0.16, soft=0.01)

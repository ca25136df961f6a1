"""Draws eyes, open to any degree or closed, around their own origin. Head units."""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix_colours
from whenanime_pipeline.core.sample.characters import CharacterDesign, Pupil
from whenanime_pipeline.core.sample.curves import (
    catmull_rom,
    ellipse,
    join_paths,
    path,
    quadratic_bezier,
)
from whenanime_pipeline.core.sample.style import Style

WHITE: Colour = (252, 252, 255)
PUPILS: dict[Pupil, tuple[float, float]] = {
    "round": (0.4, 0.45),
    "slit": (0.2, 0.72),
    "ring": (0.5, 0.55),
    "large": (0.68, 0.72),
}
"""Half axes of pupils, as shares of the iris's."""


def _sizes(look: CharacterDesign, style: Style, narrow: float) -> tuple[float, float]:
    height = style.eye_height * (0.78 if look.is_boy else 1.0) * look.shape.eye_height
    return style.eye_width * narrow * look.shape.eye_width, height


def draw_closed_eye(
    canvas: Canvas, look: CharacterDesign, style: Style, narrow: float, *, happy: bool
) -> None:
    """Draw a closed eye: a lash curved down, or up when happy."""
    width, _ = _sizes(look, style, narrow)
    ink = mix_colours(style.ink_colour(look.hair), (20, 12, 24), 0.6)
    half = width / 2 + 0.04
    bow = -0.14 if happy else 0.15
    canvas.stroke(
        quadratic_bezier((-half, 0.06), (0.0, 0.06 + 2 * bow), (half, 0.03)),
        ink,
        width=2.0,
        taper=(0.5, 1.0, 0.7),
    )
    if not happy:
        for step in (0.0, 0.06):
            canvas.stroke(
                path([(half - step, 0.05 + step), (half + 0.07 - step, 0.12 + step)]), ink
            )


def draw_open_eye(
    canvas: Canvas,
    look: CharacterDesign,
    style: Style,
    narrow: float,
    lid: float,
    gaze: tuple[float, float],
    side: int,
) -> None:
    """Draw an open eye.

    Args:
        canvas: canvas with its origin at the eye's centre and x outwards.
        look: design of the character.
        style: style of the series.
        narrow: relative width, 1 or less for the far eye of a turned head.
        lid: opening, 1 wide open to 0 closed.
        gaze: direction (outwards, down), each -1 to 1.
        side: -1 or 1, to light both eyes from the same side.
    """
    width, height = _sizes(look, style, narrow)
    half, tall = width / 2, height / 2
    top = tall - height * (1 - lid)
    ink = mix_colours(style.ink_colour(look.hair), (18, 10, 22), 0.65)
    upper = catmull_rom(
        [
            (-half, 0.22 * tall),
            (-half * 0.72, -top * 0.72),
            (-0.05, -top),
            (half * 0.66, -top * 0.76),
            (half, -0.05 * tall),
        ]
    )
    lower = catmull_rom(
        [
            (half, -0.05 * tall),
            (half * 0.8, tall * 0.72),
            (0.0, tall * 0.98),
            (-half * 0.72, tall * 0.78),
            (-half, 0.22 * tall),
        ]
    )
    opening = join_paths([upper, lower])
    canvas.fill(opening, WHITE)
    inside = canvas.cover_mask(opening)
    canvas.fill(upper + np.array([0.0, 0.0]), (196, 202, 224), clip=inside)
    shade = join_paths([upper, upper[::-1] + np.array([0.0, 0.11])])
    canvas.fill(shade, (186, 194, 222), clip=inside)
    _iris(canvas, look, tall, half, gaze, inside, side)
    lash = join_paths(
        [upper[:1] + np.array([-0.03, 0.04]), upper, upper[-1:] + np.array([0.07, -0.02])]
    )
    weight = (2.0 if look.is_boy else 2.7) * look.shape.lash
    canvas.stroke(lash, ink, width=weight, taper=(0.35, 0.8, 1.0, 1.0, 0.55))
    if not look.is_boy:
        for step, rise in ((0.0, 0.09), (0.07, 0.12)):
            root = (half - step + 0.02, -0.05 * tall - step * 1.1)
            canvas.stroke(
                path([root, (root[0] + 0.09, root[1] - rise + 0.03)]),
                ink,
                width=1.1,
                taper=(1.0, 0.2),
            )
    canvas.stroke(lower[4:-6], ink, width=0.8, taper=(0.7, 0.25, 0.5))
    crease = upper[6:-4] * np.array([0.9, 1.0]) + np.array([0.03, -0.085])
    canvas.stroke(crease, style.ink_colour(look.skin), width=0.7, taper=(0.2, 0.8, 0.2))


def _iris(
    canvas: Canvas,
    look: CharacterDesign,
    tall: float,
    half: float,
    gaze: tuple[float, float],
    inside: np.ndarray,
    side: int,
) -> None:
    x, y = 0.26 * half * gaze[0] - 0.02, 0.04 + 0.16 * tall * gaze[1]
    wide, high = half * 0.72 * look.shape.iris, tall * 0.93 * look.shape.iris
    deep, bright = (
        mix_colours(look.eyes, (14, 8, 30), 0.68),
        mix_colours(look.eyes, (255, 255, 245), 0.42),
    )
    canvas.fill(ellipse((x, y), (wide, high)), mix_colours(deep, (0, 0, 0), 0.35), clip=inside)
    ring = ellipse((x, y), (wide * 0.88, high * 0.91))
    canvas.fill_gradient(ring, deep, bright, clip=inside)
    glow = ellipse((x, y + high * 0.5), (wide * 0.56, high * 0.33))
    canvas.fill(glow, mix_colours(look.eyes, (255, 255, 235), 0.62), clip=inside, alpha=0.75)
    _draw_pupil(canvas, look, (x, y), (wide, high), mix_colours(deep, (0, 0, 0), 0.55), inside)
    spark = -0.34 * side  # the light falls from one side on both eyes
    canvas.fill(
        ellipse((x + spark * wide * 1.1, y - high * 0.46), (wide * 0.36, high * 0.28)),
        (255, 255, 255),
        clip=inside,
    )
    canvas.fill(
        ellipse((x - spark * wide * 1.2, y + high * 0.42), (wide * 0.17, high * 0.13)),
        (255, 255, 255),
        clip=inside,
    )


def _draw_pupil(
    canvas: Canvas,
    look: CharacterDesign,
    centre: tuple[float, float],
    iris: tuple[float, float],
    colour: Colour,
    inside: np.ndarray,
) -> None:
    """Draw the pupil of an iris with these half axes."""
    wide, high = PUPILS[look.shape.pupil]
    pupil = ellipse(centre, (iris[0] * wide, iris[1] * high))
    canvas.fill(pupil, colour, clip=inside)
    if look.shape.pupil == "ring":
        light = mix_colours(look.eyes, (255, 255, 245), 0.5)
        hole = ellipse(centre, (iris[0] * wide * 0.55, iris[1] * high * 0.55))
        canvas.fill(hole, light, clip=inside)

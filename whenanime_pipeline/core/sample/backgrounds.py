"""Paints backgrounds by place or graphic, time of day and seed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from whenanime_pipeline.core.sample import bedroom as home
from whenanime_pipeline.core.sample import graphics, nature, school, town
from whenanime_pipeline.core.sample.canvas import Canvas
from whenanime_pipeline.core.sample.compositing import Picture
from whenanime_pipeline.core.sample.light import LIGHTS, Light, TimeOfDay
from whenanime_pipeline.core.sample.style import Style

Place = Literal[
    "meadow", "forest", "sea", "skyline", "street", "mountains", "shrine",
    "classroom", "bedroom", "corridor", "train", "burst", "stripes", "petals", "checks", "night",
]  # fmt: skip
Painter = Callable[[Canvas, Style, Light, np.random.Generator, float, TimeOfDay], None]

PAINTERS: dict[Place, Painter] = {
    "meadow": nature.draw_meadow,
    "forest": nature.draw_forest,
    "sea": nature.draw_sea,
    "skyline": town.draw_skyline,
    "street": town.draw_street,
    "mountains": nature.draw_mountains,
    "shrine": nature.draw_shrine,
    "classroom": school.draw_classroom,
    "bedroom": home.draw_bedroom,
    "corridor": school.draw_corridor,
    "train": town.draw_train,
    "burst": graphics.draw_burst,
    "stripes": graphics.draw_stripes,
    "petals": graphics.draw_petals,
    "checks": graphics.draw_checks,
    "night": graphics.draw_night,
}
GRAPHICS: tuple[Place, ...] = ("burst", "stripes", "petals", "checks", "night")
PLACES: tuple[Place, ...] = tuple(place for place in PAINTERS if place not in GRAPHICS)
TIMES: tuple[TimeOfDay, ...] = tuple(LIGHTS)


@dataclass(frozen=True)
class Background:
    """A painted background.

    Attributes:
        place: name of the place or graphic.
        time: the time of day.
        seed: fixes the layout.
    """

    place: Place
    time: TimeOfDay
    seed: int


def paint_background(
    background: Background, style: Style, size: tuple[int, int], frame_height: int
) -> Picture:
    """Paint a background.

    Args:
        background: background to paint.
        style: style of the series.
        size: (width, height) of the painting in pixels.
        frame_height: height of the frames that show it, which sets the pen width.

    Returns:
        RGB (height, width, 3) uint8.
    """
    width, height = size
    rng = np.random.default_rng([background.seed, 0xB6])
    canvas = style.make_canvas(
        width, height, scale=height, picture_height=frame_height, oversample=1
    )
    light = LIGHTS[background.time]
    PAINTERS[background.place](canvas, style, light, rng, width / height, background.time)
    return style.apply_texture(np.ascontiguousarray(canvas.downsample()[..., :3]), rng)

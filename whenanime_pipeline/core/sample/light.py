"""Defines times of day: colours of sky, ground and light, shared by background and cast."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from whenanime_pipeline.core.sample.canvas import Colour, mix_colours
from whenanime_pipeline.core.sample.compositing import Picture

TimeOfDay = Literal["day", "sunset", "night", "dawn", "overcast"]


@dataclass(frozen=True)
class Light:
    """Colours of one time of day.

    Attributes:
        sky_top, sky_low: ends of the sky's gradient.
        cloud, cloud_shade: tones of the clouds.
        haze: colour that distant objects fade into.
        leaf, ground, wall, roof: local colours as lit.
        window: colour of panes seen from outside.
        tint: multiplier of a character's colours (r, g, b), 1 keeps them.
    """

    sky_top: Colour
    sky_low: Colour
    cloud: Colour
    cloud_shade: Colour
    haze: Colour
    leaf: Colour
    ground: Colour
    wall: Colour
    roof: Colour
    window: Colour
    tint: tuple[float, float, float]

    def fade_with_distance(self, colour: Colour, distance: float) -> Colour:
        """Return a colour seen through `distance` (0 near, 1 lost) of air."""
        return mix_colours(colour, self.haze, distance)

    def apply_light(self, colour: Colour) -> Colour:
        """Return a local colour under this light."""
        red, green, blue = (min(255, round(c * t)) for c, t in zip(colour, self.tint, strict=True))
        return red, green, blue

    def tint_cell(self, cell: Picture) -> Picture:
        """Return a premultiplied RGBA cell under this light."""
        factors = np.array([*self.tint, 1.0], np.float32)
        return np.asarray(np.minimum(cell * factors, cell[..., 3:]).astype(np.uint8))


LIGHTS: dict[TimeOfDay, Light] = {
    "day": Light(
        (60, 134, 224), (190, 228, 250), (255, 255, 255), (206, 222, 244), (196, 222, 244),
        (98, 172, 84), (206, 190, 150), (232, 226, 214), (176, 92, 74), (122, 176, 214),
        (1.0, 1.0, 1.0),
    ),
    "sunset": Light(
        (86, 74, 156), (255, 176, 104), (255, 206, 160), (214, 118, 122), (250, 176, 132),
        (116, 112, 62), (186, 128, 96), (222, 164, 130), (146, 70, 70), (255, 214, 140),
        (1.0, 0.87, 0.77),
    ),
    "night": Light(
        (12, 18, 58), (54, 74, 138), (74, 88, 146), (40, 52, 104), (48, 64, 122),
        (32, 62, 74), (52, 58, 92), (66, 74, 116), (42, 42, 78), (250, 220, 128),
        (0.66, 0.72, 0.95),
    ),
    "dawn": Light(
        (116, 156, 220), (255, 214, 206), (255, 240, 236), (224, 188, 208), (240, 206, 212),
        (122, 164, 116), (200, 176, 160), (234, 214, 210), (172, 108, 112), (206, 206, 232),
        (0.98, 0.94, 0.96),
    ),
    "overcast": Light(
        (134, 148, 168), (206, 214, 220), (226, 230, 234), (176, 186, 198), (190, 200, 208),
        (88, 130, 94), (168, 160, 148), (196, 196, 192), (124, 86, 84), (140, 158, 174),
        (0.9, 0.93, 0.96),
    ),
}  # fmt: skip

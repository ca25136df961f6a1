"""Defines the style of a series: line, tone, colour and lettering, drawn from a seed.

Two seeds yield clearly distinct styles; the same seed yields the same style.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from whenanime_pipeline.core.sample.canvas import OVERSAMPLE, Canvas, Colour, mix_colours
from whenanime_pipeline.core.sample.compositing import Picture, gaussian_blur

Texture = Literal["flat", "painted", "paper", "halftone"]
TEXTURES: tuple[Texture, ...] = ("flat", "painted", "paper", "halftone")


@dataclass(frozen=True)
class Style:
    """Drawing style of a series.

    Attributes:
        line_width: pen width, as a fraction of the picture's height.
        line_colour: RGB of the ink.
        line_tint: share of a shape's own colour in its ink, 0 to 1.
        tones: cel tones on a shape, 2 or 3.
        shade: darkness of the shadow tone, 0 to 1.
        shade_colour: RGB that the shadow is mixed with.
        saturation: 1 keeps colours.
        contrast: 1 keeps contrast.
        warmth: -1 (cold) to 1 (warm).
        fade: lift of black, 0 to 1, as on old film.
        texture: surface of the backgrounds.
        grain: strength of the texture in gray levels.
        glow: light bleeding out of bright parts of a background, 0 to 1.
        eye_height: height in units of the face; tall eyes are cute, flat ones grown-up.
        eye_width: width in units of the face.
        jaw: 0 (round) to 1 (pointed).
        head: size of heads against bodies, 1 is about five heads to a figure.
        shine: strength of hair highlights: 0 none, 1 full ring.
        lettering: index into the subtitle looks.
    """

    line_width: float
    line_colour: Colour
    line_tint: float
    tones: int
    shade: float
    shade_colour: Colour
    saturation: float
    contrast: float
    warmth: float
    fade: float
    texture: Texture
    grain: float
    glow: float
    eye_height: float
    eye_width: float
    jaw: float
    head: float
    shine: float
    lettering: int

    def grade_colour(self, colour: Colour) -> Colour:
        """Return a colour after the style's grading."""
        values = np.asarray(colour, np.float64)
        gray = values @ np.array([0.299, 0.587, 0.114])
        values = gray + (values - gray) * self.saturation
        values = 128 + (values - 128) * self.contrast
        values = values + np.array([14.0, 3.0, -14.0]) * self.warmth
        values = values + (60 - values * 0.25) * self.fade
        red, green, blue = (int(v) for v in np.clip(np.round(values), 0, 255))
        return red, green, blue

    def darken_colour(self, colour: Colour, amount: float = 1.0) -> Colour:
        """Return the shadow tone of a colour; `amount` above 1 darkens more."""
        return mix_colours(colour, self.shade_colour, min(0.85, self.shade * amount))

    def ink_colour(self, colour: Colour) -> Colour:
        """Return the ink around a shape of this colour."""
        deep = mix_colours(colour, (20, 12, 30), 0.72)
        return mix_colours(self.line_colour, deep, self.line_tint)

    def make_canvas(
        self,
        width: int,
        height: int,
        *,
        scale: float,
        origin: tuple[float, float] = (0.0, 0.0),
        picture_height: float,
        oversample: int = OVERSAMPLE,
    ) -> Canvas:
        """Return a blank canvas with this style's pen and colours.

        Args:
            width: width of the cell in pixels.
            height: height of the cell in pixels.
            scale: pixels per drawing unit.
            origin: position of the unit's (0, 0) in pixels.
            picture_height: height in pixels of the frame that shows the cell; sets the pen width.
            oversample: as for `Canvas.blank`.
        """
        return Canvas.blank(
            width,
            height,
            scale=scale,
            origin=origin,
            pen=max(0.6, self.line_width * picture_height),
            grade=self.grade_colour,
            oversample=oversample,
        )

    def apply_texture(self, picture: Picture, rng: np.random.Generator) -> Picture:
        """Return a background with the style's surface and glow: RGB in, RGB out."""
        height, width = picture.shape[:2]
        result = picture.astype(np.float32)
        if self.glow > 0:
            halo = gaussian_blur(cv2.subtract(picture, (150,) * 4), height / 30).astype(np.float32)
            result += halo * (1 - result / 255) * (self.glow * 1.6)
        if self.texture == "painted":
            coarse = rng.normal(0, 1, (height // 12 + 2, width // 40 + 2, 1)).astype(np.float32)
            blotch = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
            result += blotch[..., None] * (self.grain * 0.9)
        if self.texture == "paper":
            fine = rng.normal(0, 1, (height // 2 + 1, width // 2 + 1)).astype(np.float32)
            fine = cv2.resize(cv2.GaussianBlur(fine, (0, 0), 0.8), (width, height))
            result += fine[..., None] * (self.grain * 1.6)
        if self.texture == "halftone":
            step = max(4.0, height / 70)
            ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
            dots = np.cos((xs + ys) * np.pi / step) * np.cos((xs - ys) * np.pi / step)
            result += dots[..., None] * (self.grain * 0.8)
        return np.clip(result, 0, 255).astype(np.uint8)


def make_style(seed: int) -> Style:
    """Return a style that is unique to each seed.

    Args:
        seed: any integer >= 0.
    """
    rng = np.random.default_rng([seed, 0x57])
    shade_colours: tuple[Colour, ...] = ((58, 40, 110), (90, 40, 80), (30, 55, 105), (85, 55, 50))
    inks: tuple[Colour, ...] = ((28, 20, 34), (60, 30, 26), (24, 28, 62), (12, 12, 14))
    return Style(
        line_width=float(rng.uniform(0.0026, 0.0062)),
        line_colour=inks[int(rng.integers(len(inks)))],
        line_tint=float(rng.uniform(0.1, 0.85)),
        tones=int(rng.integers(2, 4)),
        shade=float(rng.uniform(0.24, 0.46)),
        shade_colour=shade_colours[int(rng.integers(len(shade_colours)))],
        saturation=float(rng.uniform(0.72, 1.18)),
        contrast=float(rng.uniform(0.88, 1.1)),
        warmth=float(rng.uniform(-0.7, 0.8)),
        fade=float(rng.choice([0.0, 0.0, 0.08, 0.2])),
        texture=TEXTURES[int(rng.integers(len(TEXTURES)))],
        grain=float(rng.uniform(1.5, 5.0)),
        glow=float(rng.choice([0.0, 0.15, 0.35, 0.6])),
        eye_height=float(rng.uniform(0.47, 0.66)),
        eye_width=float(rng.uniform(0.44, 0.53)),
        jaw=float(rng.uniform(0.2, 0.95)),
        head=float(rng.uniform(0.92, 1.15)),
        shine=float(rng.uniform(0.35, 1.0)),
        lettering=int(rng.integers(4)),
    )

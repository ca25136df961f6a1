"""Palettes and textured surfaces to paint shapes with."""

import colorsys
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.sample.compositing import Picture

Rng = np.random.Generator
Size = tuple[int, int]


@dataclass(frozen=True)
class Palette:
    """The colours of one scene.

    Attributes:
        colours: `(n, 3)` RGB, 0 to 255.
        ink: RGB of lines.
    """

    colours: NDArray[np.float32]
    ink: tuple[int, int, int]

    def choose_colour(self, rng: Rng) -> NDArray[np.float32]:
        """Return one of the colours with a little noise: `(3,)` RGB, 0 to 255."""
        colour = self.colours[int(rng.integers(len(self.colours)))]
        return np.asarray(np.clip(colour + rng.normal(0, 10, 3), 0, 255), np.float32)


def choose_palette(rng: Rng) -> Palette:
    """Draw 3 to 8 colours of neighbouring hues, some complementary, and a dark one for lines."""
    middle, spread = float(rng.random()), float(rng.choice([0.04, 0.12, 0.3]))
    strong, light = float(rng.beta(2, 2)), float(rng.beta(2.5, 2))
    contrast = float(rng.uniform(0.1, 0.35))
    colours = []
    for _ in range(int(rng.integers(3, 9))):
        hue = middle + float(rng.normal(0, spread)) + 0.5 * (rng.random() < 0.2)
        saturation = float(np.clip(rng.normal(strong, 0.2), 0, 1))
        value = float(np.clip(rng.normal(light, contrast), 0.08, 1))
        colours.append(colorsys.hsv_to_rgb(hue % 1, saturation, value))
    dark = np.asarray(colours[0]) * 40
    return Palette(np.array(colours, np.float32) * 255, tuple(int(v) for v in dark))  # type: ignore[arg-type]


def paint_fill(rng: Rng, palette: Palette, size: Size) -> Picture:
    """Paint a surface in two of a palette's colours: a ramp, clouds or a pattern.

    Args:
        rng: source of randomness.
        palette: palette of the scene.
        size: (width, height) in pixels.

    Returns:
        RGB `(height, width, 3)` uint8.
    """
    first, second = palette.choose_colour(rng), palette.choose_colour(rng)
    kind = rng.random()
    if kind < 0.25:
        second = first + rng.normal(0, 4, 3).astype(np.float32)
    if kind < 0.5:
        amount = _ramp(rng, size)
    elif kind < 0.75:
        amount = _clouds(rng, size)
    else:
        amount = _pattern(rng, size)
    picture = first + (second - first) * amount[..., None]
    if rng.random() < 0.4:
        picture = picture + _clouds(rng, size, finest=True)[..., None] * float(rng.uniform(4, 30))
    return np.clip(picture, 0, 255).astype(np.uint8)


def _ramp(rng: Rng, size: Size) -> NDArray[np.float32]:
    """Return a linear or radial gradient `(height, width)`, 0 to 1."""
    down, along = _grid(size)
    if rng.random() < 0.3:
        place = rng.uniform(-0.2, 1.2, 2)
        distance = np.sqrt((along - place[0]) ** 2 + (down - place[1]) ** 2)
        return np.asarray(np.clip(distance / rng.uniform(0.4, 1.2), 0, 1), np.float32)
    angle = float(rng.uniform(0, 2 * np.pi))
    way = (along - 0.5) * np.cos(angle) + (down - 0.5) * np.sin(angle)
    return np.asarray(np.clip(way + 0.5, 0, 1), np.float32)


def _clouds(rng: Rng, size: Size, *, finest: bool = False) -> NDArray[np.float32]:
    """Return noise of several octaves `(height, width)`, sometimes stretched like fur or grass.

    Args:
        rng: source of randomness.
        size: (width, height) in pixels.
        finest: whether to return only fine octaves, with zero mean and unit deviation; otherwise
            the result is 0 to 1.
    """
    width, height = size
    amount = np.zeros((height, width), np.float32)
    long = float(np.exp(rng.uniform(0, 1.6))) if rng.random() < 0.4 else 1.0
    upright = rng.random() < 0.5
    fall = float(rng.uniform(0.45, 0.8))
    cells = 24 if finest else int(rng.integers(2, 6))
    strength = 1.0
    while cells < height:
        across = max(2, round(cells * width / height / (1.0 if upright else long)))
        down = max(2, round(cells / (long if upright else 1.0)))
        noise = rng.normal(0, 1, (down, across)).astype(np.float32)
        amount += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) * strength
        strength *= fall
        cells *= 2
    amount -= amount.mean()
    amount /= amount.std() + 1e-6
    if finest:
        return amount
    sharp = float(np.exp(rng.uniform(-1, 1.2)))  # high contrast makes blotches with edges
    return np.asarray(np.clip(amount * 0.35 * sharp + 0.5, 0, 1), np.float32)


def _pattern(rng: Rng, size: Size) -> NDArray[np.float32]:
    """Return stripes, waves, dots, checks or bricks `(height, width)`, 0 to 1."""
    down, along = _grid(size)
    angle = float(rng.uniform(0, np.pi))
    waves = float(np.exp(rng.uniform(np.log(3), np.log(30))))
    u = (along * np.cos(angle) + down * np.sin(angle)) * waves
    v = (down * np.cos(angle) - along * np.sin(angle)) * waves * float(rng.uniform(0.3, 1.5))
    kind = int(rng.integers(5))
    if kind == 0:
        value = np.sin(2 * np.pi * u)
    elif kind == 1:
        value = np.sin(2 * np.pi * (u + rng.uniform(0.1, 0.6) * np.sin(2 * v)))
    elif kind == 2:
        value = rng.uniform(0.1, 0.4) ** 2 * 2 - ((u % 1) - 0.5) ** 2 - ((v % 1) - 0.5) ** 2
    elif kind == 3:
        value = np.sin(np.pi * u) * np.sin(np.pi * v)
    else:
        row = np.floor(v)
        value = np.minimum((u + row / 2) % 1, (v % 1) * 2) - 0.12
    hard = value * float(np.exp(rng.uniform(0, 3)))
    return np.asarray(np.clip(hard * 0.5 + 0.5, 0, 1), np.float32)


def _grid(size: Size) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the coordinates of pixels, y and x, in heights of the picture."""
    width, height = size
    down, along = np.mgrid[0:height, 0:width].astype(np.float32) / height
    return down, along

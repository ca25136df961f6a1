"""Painted places: a background and a foreground, larger than the picture so that cameras move."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Look = Literal["painted", "graphic"]
WIDTH, HEIGHT = 320, 180
"""Size of a picture in pixels."""
WIDE, HIGH = 480, 270
"""Size of a place in pixels."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that shots are set in.

    Attributes:
        back: `(HIGH, WIDE, 3)` background, BGR.
        front: `(HIGH, WIDE, 3)` foreground, BGR.
        mask: `(HIGH, WIDE)` 255 where the foreground covers the background.
    """

    back: Image
    front: Image
    mask: Image


def pick_colour(rng: np.random.Generator, hue: float, spread: float, light: float) -> list[int]:
    """Return a random BGR colour around a hue.

    Args:
        rng: source of randomness.
        hue: from 0 to 1.
        spread: how far the hue may be off, likewise.
        light: brightness from 0 to 1, met within a tenth.
    """
    pixel = (
        (hue + rng.uniform(-spread, spread)) % 1 * 179,
        rng.uniform(60, 210),
        255 * np.clip(light + rng.uniform(-0.1, 0.1), 0.05, 1),
    )
    hsv = np.array([[pixel]]).astype(np.uint8)
    return [int(value) for value in cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0]]


def paint_place(look: Look, hue: float, seed: int) -> Place:
    """Paint a place.

    Args:
        look: of the series.
        hue: of the series, from 0 to 1.
        seed: of the place.
    """
    rng = np.random.default_rng([seed, 11])
    back = _paint_gradient(rng, hue)
    if look == "painted":
        (_paint_hills, _paint_town, _paint_room)[int(rng.integers(3))](back, rng, hue)
    else:
        (_paint_shapes, _paint_grid, _paint_room)[int(rng.integers(3))](back, rng, hue + 0.4)
    back = _add_grain(back, rng, 14 if look == "painted" else 5)
    front = _add_grain(np.full_like(back, pick_colour(rng, hue, 0.5, 0.25)), rng, 18)
    mask = np.zeros((HIGH, WIDE), np.uint8)
    for _ in range(int(rng.integers(0, 5))):
        x, width = int(rng.integers(0, WIDE)), int(rng.integers(8, 60))
        top = int(rng.integers(HIGH // 2, HIGH - 20))
        points = [[x, HIGH], [x + width // 3, top], [x + width, top + 9], [x + width + 9, HIGH]]
        cv2.fillPoly(mask, [np.array(points)], 255)
    return Place(back, front, mask)


def _paint_gradient(rng: np.random.Generator, hue: float) -> Image:
    ends = np.array([pick_colour(rng, hue, 0.25, light) for light in rng.uniform(0.3, 1, 3)], float)
    rows = np.linspace(0, 2, HIGH)
    colours = np.stack([np.interp(rows, [0, 1, 2], ends[:, i]) for i in range(3)], 1)
    clouds = rng.normal(0, 1, (int(rng.integers(3, 8)), int(rng.integers(4, 10))))
    noise = cv2.resize(clouds, (WIDE, HIGH), interpolation=cv2.INTER_CUBIC)
    filled = colours[:, None, :] + noise[:, :, None] * rng.uniform(4, 26)
    painted: Image = np.clip(filled, 0, 255).astype(np.uint8)
    return painted


def _add_grain(image: Image, rng: np.random.Generator, strength: float) -> Image:
    grain = cv2.resize(rng.normal(0, strength, (HIGH // 3, WIDE // 3)), (WIDE, HIGH))
    grainy: Image = np.clip(image + grain[:, :, None], 0, 255).astype(np.uint8)
    return grainy


def _paint_hills(image: Image, rng: np.random.Generator, hue: float) -> None:
    for step in range(int(rng.integers(2, 5))):
        heights = np.cumsum(rng.normal(0, 12, 25)) + HIGH * (0.4 + 0.15 * step)
        line = np.stack([np.linspace(-5, WIDE + 5, 25), heights], 1)
        points = np.array([*line, [WIDE + 5, HIGH], [-5, HIGH]]).astype(np.int32)
        cv2.fillPoly(image, [points], pick_colour(rng, hue, 0.4, 0.75 - 0.13 * step), cv2.LINE_AA)
    for _ in range(int(rng.integers(3, 14))):
        x, y = int(rng.integers(0, WIDE)), int(rng.integers(HIGH // 2, HIGH))
        size = int(rng.integers(6, 34))
        cv2.line(image, (x, y), (x, y + size), (30, 40, 60), 3)
        cv2.circle(image, (x, y), size // 2, pick_colour(rng, hue + 0.3, 0.2, 0.5), -1, cv2.LINE_AA)


def _paint_town(image: Image, rng: np.random.Generator, hue: float) -> None:
    for _ in range(int(rng.integers(6, 16))):
        x, width = int(rng.integers(-20, WIDE)), int(rng.integers(24, 90))
        top = int(rng.integers(40, HIGH - 60))
        cv2.rectangle(image, (x, top), (x + width, HIGH), pick_colour(rng, hue, 0.5, 0.5), -1)
        lit = pick_colour(rng, 0.13, 0.05, rng.uniform(0.3, 1))
        gap = int(rng.integers(9, 20))
        for left in range(x + 4, x + width - 6, gap):
            for up in range(top + 6, HIGH - 8, gap):
                if rng.random() < 0.6:
                    cv2.rectangle(image, (left, up), (left + 4, up + 5), lit, -1)


def _paint_room(image: Image, rng: np.random.Generator, hue: float) -> None:
    floor = int(rng.integers(HIGH // 2, HIGH - 50))
    cv2.rectangle(image, (0, floor), (WIDE, HIGH), pick_colour(rng, hue, 0.3, 0.4), -1)
    for x in range(0, WIDE, int(rng.integers(20, 60))):
        cv2.line(image, (WIDE // 2 + (x - WIDE // 2) // 2, floor), (x, HIGH), (40, 40, 50), 1)
    for _ in range(int(rng.integers(3, 9))):
        x, y = int(rng.integers(0, WIDE)), int(rng.integers(10, floor))
        width, height = (int(value) for value in rng.integers(18, 90, 2))
        cv2.rectangle(image, (x, y), (x + width, y + height), pick_colour(rng, hue, 0.5, 0.7), -1)
        cv2.rectangle(image, (x, y), (x + width, y + height), (25, 25, 30), 2)


def _paint_shapes(image: Image, rng: np.random.Generator, hue: float) -> None:
    for _ in range(int(rng.integers(5, 18))):
        x, y = int(rng.integers(0, WIDE)), int(rng.integers(0, HIGH))
        colour = pick_colour(rng, hue, 0.5, rng.uniform(0.2, 1))
        if rng.random() < 0.5:
            cv2.circle(image, (x, y), int(rng.integers(8, 80)), colour, -1, cv2.LINE_AA)
        else:
            corners = np.add(rng.normal(0, 45, (int(rng.integers(3, 7)), 2)), (x, y))
            cv2.fillConvexPoly(image, cv2.convexHull(corners.astype(np.int32)), colour)
    for _ in range(int(rng.integers(2, 8))):
        ends = rng.integers(0, WIDE, 4)
        cv2.line(image, (int(ends[0]), 0), (int(ends[1]), HIGH), (20, 20, 24), 2, cv2.LINE_AA)


def _paint_grid(image: Image, rng: np.random.Generator, hue: float) -> None:
    step, slant = int(rng.integers(14, 50)), int(rng.integers(-90, 90))
    colour, dark = pick_colour(rng, hue, 0.3, 0.8), pick_colour(rng, hue, 0.3, 0.25)
    for x in range(-120, WIDE + 120, step):
        cv2.line(image, (x, 0), (x + slant, HIGH), colour, int(rng.integers(1, 7)), cv2.LINE_AA)
    for y in range(0, HIGH, step):
        cv2.line(image, (0, y), (WIDE, y + slant // 4), dark, 2, cv2.LINE_AA)
    x, y = int(rng.integers(80, WIDE - 80)), int(rng.integers(60, HIGH - 60))
    cv2.circle(image, (x, y), int(rng.integers(25, 70)), dark, -1, cv2.LINE_AA)

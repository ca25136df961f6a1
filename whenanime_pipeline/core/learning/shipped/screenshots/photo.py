"""Simulates a phone's photo of a screen: perspective, moiré, glare, and the room around it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.shipped.screenshots.backdrops import draw_room
from whenanime_pipeline.core.learning.shipped.screenshots.compositing import (
    Mask,
    Picture,
    alpha_blend,
    apply_gamma,
    choose,
    resize,
    to_uint8,
)

_SIDE = 960
"""Longer side of the photo, in pixels."""
_SHAPES = (4 / 3, 4 / 3, 16 / 9, 3 / 4)
"""Aspect ratios of photos, width by height."""
_FILLS = (0.72, 1.02)
"""The screen's width as a share of the photo's, lowest and highest; above 1 it is cut off."""
_SKEW = 0.07
"""Largest displacement of a corner, as a share of the screen's sides."""
_BEZEL = (0.015, 0.05)
"""Width of the bezel as a share of the screen's width, lowest and highest."""


def photograph_screen(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return a photo of a screen that shows the picture."""
    shape = choose(_SHAPES, rng)
    size = (_SIDE, round(_SIDE / shape)) if shape > 1 else (round(_SIDE * shape), _SIDE)
    screen = _screen(picture, rng)
    corners = _corners(screen, size, rng)
    height, width = screen.shape[:2]
    own = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(own, corners)
    shown = cv2.warpPerspective(screen, matrix, size, flags=cv2.INTER_AREA)
    area = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, size)
    glowing = to_uint8(shown * _moire(size[1], size[0], rng))
    return _simulate_camera(alpha_blend(draw_room(*size, rng), glowing, area), rng)


def _screen(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture in a dark bezel, at about the photo's size."""
    height, width = picture.shape[:2]
    scale = _SIDE / width
    large = resize(picture, _SIDE, max(1, round(height * scale)))
    edge = round(_SIDE * float(rng.uniform(*_BEZEL)))
    shade = int(rng.integers(5, 40))
    framed: Picture = cv2.copyMakeBorder(
        large, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(shade, shade, shade)
    )
    return framed


def _corners(
    screen: Picture, size: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the screen's corners in the photo: `(4, 2)` pixels, clockwise from the upper left."""
    wide = float(rng.uniform(*_FILLS)) * size[0]
    high = wide * screen.shape[0] / screen.shape[1]
    middle = np.array(size) * (0.5 + rng.uniform(-0.04, 0.04, 2))
    half = np.array([wide, high]) / 2
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float) * half
    square += rng.uniform(-_SKEW, _SKEW, (4, 2)) * (wide, high)
    angle = np.radians(rng.uniform(-5, 5))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(square @ turn + middle, np.float32)


def _simulate_camera(view: Picture, rng: np.random.Generator) -> Picture:
    """Return a view with a camera's glare, white balance, softness and noise."""
    height, width = view.shape[:2]
    lit = alpha_blend(view, np.full(3, 255, np.uint8), _glare(height, width, rng))
    white = rng.uniform(0.85, 1.1, 3).astype(np.float32)
    lifted = np.float32(rng.uniform(0, 22))
    seen = np.asarray(lifted + lit * white * (255 - lifted) / 255, np.float32)
    seen = apply_gamma(seen, float(np.exp(rng.uniform(-0.25, 0.25))))
    seen = cv2.GaussianBlur(seen, (0, 0), float(rng.uniform(0.5, 1.2)))
    noise = rng.standard_normal(seen.shape, np.float32) * np.float32(rng.uniform(1, 6))
    return to_uint8(seen + noise)


def _moire(height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the moiré of screen and sensor as factors `(height, width, 3)`: coloured stripes."""
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = np.ones((height, width, 3), np.float32)
    strength = float(rng.uniform(0.03, 0.12))
    for _ in range(2):
        period = float(rng.uniform(5, 40))
        angle = float(rng.uniform(0, np.pi))
        bend = float(rng.uniform(-1, 1)) * period * 2 / height**2
        place = across * np.cos(angle) + down * np.sin(angle) + bend * (across - width / 2) ** 2
        phases = rng.uniform(0, 2 * np.pi) + np.array([0, 0.7, 1.4]) * rng.random()
        turns = (2 * np.pi / period) * place
        for channel, phase in enumerate(phases):
            waves[..., channel] += strength * np.sin(turns + np.float32(phase))
    return waves


def _glare(height: int, width: int, rng: np.random.Generator) -> Mask:
    """Return the share of each pixel `(height, width)` that is a reflection, 0 to 1."""
    light = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 3))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        reach = (rng.uniform(0.05, 0.3, 2) * width).astype(int)
        spot = np.zeros((height, width), np.float32)
        axes = (int(reach[0]), int(reach[1]))
        cv2.ellipse(spot, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
        spot = cv2.GaussianBlur(spot, (0, 0), width * float(rng.uniform(0.02, 0.08)))
        light = np.maximum(light, spot * np.float32(rng.uniform(0.2, 0.7)))
    return light

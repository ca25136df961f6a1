"""Draws a video player's controls over the picture: progress bar, buttons, times, shadow."""

import cv2
import numpy as np

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import (
    Colour,
    Mask,
    Picture,
    alpha_blend,
    choose,
)
from whenanime_pipeline.core.learning.shipped.screenshots.fonts import (
    blend_text,
    choose_phrase,
    render_text,
)

_ACCENTS: tuple[Colour, ...] = (
    (255, 0, 0), (0, 161, 214), (244, 117, 33), (255, 255, 255), (229, 9, 20), (120, 80, 255),
)  # fmt: skip
_WHITE: Colour = (255, 255, 255)
_GRAY: Colour = (170, 170, 170)


def add_player_controls(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture with player controls, and sometimes a title and a large play button."""
    height, width = picture.shape[:2]
    unit = min(height, width * 0.75)
    deep = float(rng.uniform(0.18, 0.34))
    result = alpha_blend(
        picture,
        np.zeros(3, np.uint8),
        _make_shadow(height, width, deep, float(rng.uniform(0.5, 0.85))),
    )
    titled = rng.random() < 0.5
    if titled:
        shade = _make_shadow(height, width, 0.2, 0.6)[::-1]
        result = alpha_blend(result, np.zeros(3, np.uint8), shade)
        text, script = choose_phrase(rng)
        title = render_text(text, script, unit * 0.05, rng)
        blend_text(result, title, round(width * 0.03), round(height * 0.035), _WHITE, _WHITE)
    _draw_controls(result, unit, rng)
    if rng.random() < 0.35:
        _draw_big_button(result, unit, rng)
    return result


def _make_shadow(height: int, width: int, deep: float, dark: float) -> Mask:
    """Return a mask `(height, width)` that rises from 0 to `dark` at the bottom.

    Args:
        height: height in pixels.
        width: width in pixels.
        deep: height of the shadow, as a share of the height.
        dark: largest value, 0 to 1.
    """
    down = np.linspace(0, 1, height, dtype=np.float32)
    column = np.clip((down - (1 - deep)) / deep, 0, 1) * np.float32(dark)
    return np.repeat(column[:, None], width, axis=1)


def _draw_controls(picture: Picture, unit: float, rng: np.random.Generator) -> None:
    """Draw the progress bar, buttons and times, in place; `unit` is the height of the interface."""
    height, width = picture.shape[:2]
    accent = choose(_ACCENTS, rng)
    margin = round(width * float(rng.uniform(0.015, 0.04)))
    row = round(height - unit * 0.06)
    bar = round(row - unit * float(rng.uniform(0.055, 0.08)))
    thick = max(2, round(unit * 0.009))
    played = float(rng.uniform(0.05, 0.95))
    ends = (margin, width - margin)
    at = round(ends[0] + (ends[1] - ends[0]) * played)
    loaded = round(at + (ends[1] - at) * float(rng.random()) * 0.5)
    cv2.line(picture, (ends[0], bar), (ends[1], bar), (90, 90, 90), thick, cv2.LINE_AA)
    cv2.line(picture, (at, bar), (loaded, bar), _GRAY, thick, cv2.LINE_AA)
    cv2.line(picture, (ends[0], bar), (at, bar), accent, thick, cv2.LINE_AA)
    cv2.circle(picture, (at, bar), thick * 2, accent, -1, cv2.LINE_AA)
    size = max(4, round(unit * 0.02))
    left = margin + size
    _draw_play(picture, left, row, size, rng)
    _draw_next(picture, left + 4 * size, row, size)
    _draw_speaker(picture, left + 8 * size, row, size)
    length = int(rng.integers(1200, 1500))
    now = round(length * played)
    times = f"{now // 60}:{now % 60:02d} / {length // 60}:{length % 60:02d}"
    ink = render_text(times, "latin", unit * 0.036, rng)
    blend_text(picture, ink, left + 12 * size, row - ink.letters.shape[0] // 2, _WHITE, _WHITE)
    _draw_full_screen(picture, width - margin - size, row, size)
    cv2.circle(picture, (width - margin - 6 * size, row), size, _WHITE, max(1, size // 3), 16)


def _draw_play(picture: Picture, x: int, y: int, size: int, rng: np.random.Generator) -> None:
    if rng.random() < 0.5:
        points = np.array([[x - size, y - size], [x - size, y + size], [x + size, y]], np.int32)
        cv2.fillPoly(picture, [points], _WHITE, cv2.LINE_AA)
        return
    for shift in (-size, size // 4):
        corner = (x + shift, y - size)
        cv2.rectangle(picture, corner, (corner[0] + max(2, size * 2 // 3), y + size), _WHITE, -1)


def _draw_next(picture: Picture, x: int, y: int, size: int) -> None:
    points = np.array([[x - size, y - size], [x - size, y + size], [x + size // 2, y]], np.int32)
    cv2.fillPoly(picture, [points], _WHITE, cv2.LINE_AA)
    cv2.line(picture, (x + size, y - size), (x + size, y + size), _WHITE, max(1, size // 3))


def _draw_speaker(picture: Picture, x: int, y: int, size: int) -> None:
    half = size // 2
    points = np.array(
        [[x - size, y - half], [x - half, y - half], [x + half // 2, y - size],
         [x + half // 2, y + size], [x - half, y + half], [x - size, y + half]],
        np.int32,
    )  # fmt: skip
    cv2.fillPoly(picture, [points], _WHITE, cv2.LINE_AA)
    cv2.ellipse(
        picture, (x + half // 2, y), (size, size), 0, -50, 50, _WHITE, max(1, size // 4), 16
    )


def _draw_full_screen(picture: Picture, x: int, y: int, size: int) -> None:
    """Draw the full-screen icon, in place."""
    for across in (-1, 1):
        for down in (-1, 1):
            tip = (x + across * size, y + down * size)
            thick = max(1, size // 3)
            cv2.line(picture, tip, (tip[0] - across * size * 2 // 3, tip[1]), _WHITE, thick)
            cv2.line(picture, tip, (tip[0], tip[1] - down * size * 2 // 3), _WHITE, thick)


def _draw_big_button(picture: Picture, unit: float, rng: np.random.Generator) -> None:
    """Draw the large round button of a paused video, in place."""
    height, width = picture.shape[:2]
    radius = round(unit * float(rng.uniform(0.07, 0.12)))
    centre = (width // 2, height // 2)
    below = picture.copy()
    cv2.circle(picture, centre, radius, (20, 20, 20), -1, cv2.LINE_AA)
    cv2.addWeighted(picture, 0.7, below, 0.3, 0, dst=picture)
    half = radius // 2
    points = np.array([[-half * 2 // 3, -half], [-half * 2 // 3, half], [half, 0]], np.int32)
    cv2.fillPoly(picture, [points + np.array(centre, np.int32)], _WHITE, cv2.LINE_AA)

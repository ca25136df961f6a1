"""Insets the picture in another one."""

import cv2
import numpy as np

from whenanime_pipeline.core.learning.shipped.screenshots.backdrops import (
    draw_chat,
    draw_desktop,
    draw_painting,
)
from whenanime_pipeline.core.learning.shipped.screenshots.compositing import (
    Picture,
    choose,
    paste,
    resize,
)

_SHARE = (0.35, 0.62)
"""Width of the inset as a share of the whole's, lowest and highest."""
_SHAPES = (16 / 9, 16 / 9, 16 / 10, 4 / 3)
_PHONE = 9 / 16
_SIDE = 960
"""Longer side of the whole, in pixels."""


def inset_in_picture(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return a desktop, a chat or a painting with the picture inside."""
    kind = choose(("desktop", "desktop", "chat", "painting"), rng)
    if kind == "chat":
        return _inset_in_chat(picture, rng)
    shape = choose(_SHAPES, rng)
    width, height = _SIDE, round(_SIDE / shape)
    share = float(rng.uniform(*_SHARE))
    below = (
        draw_desktop(width, height, rng) if kind == "desktop" else draw_painting(width, height, rng)
    )
    inside = _fit_width(picture, round(width * share), height - 40)
    left = int(rng.integers(width - inside.shape[1] + 1))
    top = int(rng.integers(32, height - inside.shape[0] + 1))
    if kind == "desktop":
        _draw_window_frame(below, left, top, inside, rng)
    elif rng.random() < 0.6:
        edge = int(rng.integers(2, 8))
        corners = (left - edge, top - edge), (left + inside.shape[1] + edge - 1,
                                             top + inside.shape[0] + edge - 1)  # fmt: skip
        cv2.rectangle(below, *corners, choose(((255, 255, 255), (0, 0, 0)), rng), -1)
    return paste(below, inside, left, top)


def _inset_in_chat(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return a chat with the picture among its messages."""
    upright = rng.random() < 0.6
    width, height = (round(_SIDE * _PHONE), _SIDE) if upright else (_SIDE, round(_SIDE * _PHONE))
    share = float(rng.uniform(0.6, 0.95) if upright else rng.uniform(*_SHARE))
    below = draw_chat(width, height, rng)
    inside = _fit_width(picture, round(width * share), height - 40)
    left = round((width - inside.shape[1]) * choose((0.05, 0.5, 0.95), rng))
    top = int(rng.integers(20, height - inside.shape[0] - 10))
    return paste(below, inside, left, top)


def _fit_width(picture: Picture, width: int, most: int) -> Picture:
    """Resize the picture to a width, or less if it would be higher than `most` pixels."""
    height = picture.shape[0] * width / picture.shape[1]
    scale = min(1.0, most / height)
    return resize(picture, round(width * scale), round(height * scale))


def _draw_window_frame(
    below: Picture, left: int, top: int, inside: Picture, rng: np.random.Generator
) -> None:
    """Draw a window's title bar and edge around the inset's position, in place."""
    right, bottom = left + inside.shape[1], top + inside.shape[0]
    bar = choose(((245, 245, 247), (36, 37, 42), (50, 90, 160)), rng)
    cv2.rectangle(below, (left - 1, top - 26), (right, bottom), bar, -1)
    for number, sign in enumerate(((255, 95, 86), (255, 189, 46), (39, 201, 63))):
        cv2.circle(below, (left + 14 + 20 * number, top - 13), 6, sign, -1, cv2.LINE_AA)

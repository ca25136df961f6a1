"""Draws what lies in front of a face: rails, shoulders, petals, shadows, captions."""

from collections.abc import Callable

import cv2
import numpy as np

from whenanime_pipeline.core.characters.embedding.crops import Box
from whenanime_pipeline.core.learning.shipped.face_sheet.moments import Occlusion
from whenanime_pipeline.core.sample.canvas import Colour
from whenanime_pipeline.core.sample.compositing import Picture, gaussian_blur
from whenanime_pipeline.core.sample.style import Style

Rng = np.random.Generator
Painter = Callable[[Picture, Box, Colour, Rng], None]


def cover(picture: Picture, box: Box, kind: Occlusion, style: Style, rng: Rng) -> None:
    """Cover part of a face, in place.

    Args:
        picture: RGB `(height, width, 3)` uint8.
        box: left, top, right, bottom of the face in pixels.
        kind: what covers it.
        style: grades the colours.
        rng: chooses position and colour.
    """
    if kind == "none":
        return
    red, green, blue = (int(value) for value in rng.integers(30, 235, 3))
    _PAINTERS[kind](picture, box, style.grade_colour((red, green, blue)), rng)


def _draw_rail(picture: Picture, box: Box, colour: Colour, rng: Rng) -> None:
    width = box[2] - box[0]
    x = box[0] + width * float(rng.uniform(0.05, 0.95))
    thick = max(1, round(width * float(rng.uniform(0.05, 0.14))))
    lean = width * float(rng.uniform(-0.4, 0.4))
    top, bottom = (round(x - lean), 0), (round(x + lean), picture.shape[0])
    cv2.line(picture, top, bottom, colour, thick, cv2.LINE_AA)


def _draw_blob(picture: Picture, box: Box, colour: Colour, rng: Rng) -> None:
    """Draw something round that reaches over an eighth to a third of the face from a side."""
    left, top, right, bottom = box
    width = right - left
    angle = float(rng.uniform(0, 2 * np.pi))
    radius = width * float(rng.uniform(0.5, 0.9))
    away = width * 0.5 + radius - width * float(rng.uniform(0.12, 0.32))
    x = (left + right) / 2 + np.cos(angle) * away
    y = (top + bottom) / 2 + np.sin(angle) * away
    cv2.circle(picture, (round(x), round(y)), round(radius), colour, -1, cv2.LINE_AA)


def _draw_petals(picture: Picture, box: Box, colour: Colour, rng: Rng) -> None:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    axes = (max(1, round(width * 0.06)), max(1, round(width * 0.035)))
    for _ in range(int(rng.integers(5, 14))):
        x, y = left + width * rng.uniform(-0.2, 1.2), top + height * rng.uniform(-0.2, 1.2)
        turn = float(rng.uniform(0, 180))
        cv2.ellipse(picture, (round(x), round(y)), axes, turn, 0, 360, colour, -1, cv2.LINE_AA)


def _throw_shadow(picture: Picture, box: Box, _: Colour, rng: Rng) -> None:
    """Darken the face from one side or from above."""
    left, top, right, bottom = box
    mask = np.zeros(picture.shape[:2], np.uint8)
    share = float(rng.uniform(0.3, 0.6))
    x, y = round(left + (right - left) * share), round(top + (bottom - top) * share)
    side = int(rng.integers(3))
    if side == 0:
        mask[:, :x] = 255
    elif side == 1:
        mask[:, x:] = 255
    else:
        mask[:y] = 255
    soft = gaussian_blur(mask, max(0.6, (right - left) * 0.03))
    factor = 1 - soft[..., None].astype(np.float32) / 255 * float(rng.uniform(0.25, 0.5))
    picture[:] = (picture * factor).astype(np.uint8)


def _draw_caption(picture: Picture, box: Box, _: Colour, rng: Rng) -> None:
    left, _top, right, bottom = box
    width = right - left
    letters = np.array(list("abcdefghiklmnoprstuvwy "))
    text = "".join(rng.choice(letters, int(rng.integers(6, 16))))
    place = (round(left - width * 0.3), round(bottom - width * float(rng.uniform(0.0, 0.2))))
    size, thick = width / 90, max(1, round(width / 45))
    font = cv2.FONT_HERSHEY_DUPLEX
    cv2.putText(picture, text, place, font, size, (250, 250, 240), thick, cv2.LINE_AA)


_PAINTERS: dict[Occlusion, Painter] = {
    "rail": _draw_rail,
    "blob": _draw_blob,
    "petals": _draw_petals,
    "shadow": _throw_shadow,
    "caption": _draw_caption,
}

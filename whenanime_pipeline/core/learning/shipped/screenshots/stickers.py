"""Draws opaque stickers: faces, hearts, stars, bubbles, badges."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import (
    Picture,
    alpha_blend,
    choose,
)

_SIZE = 160
"""Side at which stickers are drawn before they are scaled and rotated, in pixels."""
_COUNTS = (2, 6)
"""Number of stickers, lowest and (exclusive) highest."""
_EXTENT = (0.14, 0.27)
"""Side of a sticker as a share of the picture's shorter side, lowest and highest."""

_Draw = Callable[[ImageDraw.ImageDraw, np.random.Generator], None]
_YELLOWS = ((255, 204, 77), (255, 214, 64), (250, 192, 60))
_REDS = ((221, 46, 68), (244, 90, 140), (160, 60, 200), (60, 130, 240))


def add_stickers(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture with a few stickers at random positions."""
    height, width = picture.shape[:2]
    result = picture
    for _ in range(int(rng.integers(*_COUNTS))):
        side = max(8, round(min(height, width) * float(rng.uniform(*_EXTENT))))
        sheet = Image.new("RGBA", (_SIZE, _SIZE))
        choose(_KINDS, rng)(ImageDraw.Draw(sheet), rng)
        turned = sheet.rotate(float(rng.uniform(-30, 30)), Image.Resampling.BICUBIC)
        cell = np.asarray(turned.resize((side, side), Image.Resampling.LANCZOS))
        left = int(rng.integers(-side // 4, max(1, width - side * 3 // 4)))
        top = int(rng.integers(-side // 4, max(1, height - side * 3 // 4)))
        result = _paste_sticker(result, cell, left, top)
    return result


def _paste_sticker(picture: Picture, cell: Picture, left: int, top: int) -> Picture:
    """Return the picture with an RGBA cell on it; the part outside is clipped."""
    height, width = picture.shape[:2]
    above = np.zeros((height, width, 4), np.uint8)
    rows = slice(max(0, top), min(height, top + cell.shape[0]))
    columns = slice(max(0, left), min(width, left + cell.shape[1]))
    above[rows, columns] = cell[
        rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
    ]
    return alpha_blend(picture, above[..., :3], above[..., 3].astype(np.float32) / np.float32(255))


def _draw_face(draw: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    draw.ellipse((6, 6, 154, 154), fill=choose(_YELLOWS, rng))
    mood = choose(("laughing", "hearts", "cool", "surprised", "sad"), rng)
    dark = (70, 45, 10)
    if mood == "cool":
        draw.rounded_rectangle((24, 50, 74, 82), 10, fill=(25, 25, 30))
        draw.rounded_rectangle((86, 50, 136, 82), 10, fill=(25, 25, 30))
        draw.line((20, 54, 140, 54), fill=(25, 25, 30), width=8)
    elif mood == "hearts":
        _draw_heart_at(draw, 50, 62, 22, _REDS[0])
        _draw_heart_at(draw, 110, 62, 22, _REDS[0])
    else:
        for x in (52, 108):
            draw.ellipse((x - 10, 48, x + 10, 78), fill=dark)
    if mood == "surprised":
        draw.ellipse((64, 96, 96, 134), fill=dark)
    elif mood == "sad":
        draw.arc((48, 100, 112, 150), 190, 350, fill=dark, width=9)
    else:
        draw.pieslice((40, 74, 120, 138), 0, 180, fill=dark)
    if mood == "laughing":
        draw.ellipse((14, 66, 36, 96), fill=(93, 173, 236))
        draw.ellipse((124, 66, 146, 96), fill=(93, 173, 236))


def _draw_heart(draw: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    _draw_heart_at(draw, 80, 74, 64, choose(_REDS, rng))


def _draw_heart_at(
    draw: ImageDraw.ImageDraw, x: float, y: float, size: float, colour: tuple[int, int, int]
) -> None:
    angle = np.linspace(0, 2 * np.pi, 60)
    across = 16 * np.sin(angle) ** 3
    up = 13 * np.cos(angle) - 5 * np.cos(2 * angle) - 2 * np.cos(3 * angle) - np.cos(4 * angle)
    outline = [(x + a * size / 16, y - b * size / 16) for a, b in zip(across, up, strict=True)]
    draw.polygon(outline, fill=colour)


def _draw_star(draw: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    angle = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2, 32, 74)
    outline = [(80 + r * np.cos(a), 82 + r * np.sin(a)) for a, r in zip(angle, reach, strict=True)]
    draw.polygon(outline, fill=choose((*_YELLOWS, *_REDS), rng), outline=(255, 255, 255), width=5)


def _draw_bubble(draw: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    draw.polygon(((50, 100), (90, 110), (38, 154)), fill=(255, 255, 255))
    draw.ellipse((4, 14, 156, 120), fill=(255, 255, 255))
    ink = choose(((30, 30, 30), *_REDS), rng)
    sign = choose(("!?", "LOL", "?!", "WOW", "OMG", "...", "HA"), rng)
    draw.text((80, 66), sign, fill=ink, font_size=56, anchor="mm", stroke_width=2)


def _draw_badge(draw: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    colour = choose(_REDS, rng)
    draw.rounded_rectangle((4, 44, 156, 116), 22, fill=colour)
    sign = choose(("NEW", "HOT", "100", "SALE", "#1", "TOP"), rng)
    draw.text((80, 80), sign, fill=(255, 255, 255), font_size=50, anchor="mm", stroke_width=2)


_KINDS: tuple[_Draw, ...] = (
    _draw_face,
    _draw_face,
    _draw_face,
    _draw_heart,
    _draw_star,
    _draw_bubble,
    _draw_badge,
)

"""Draws the surroundings of an inset or photographed picture: desktops, chats, rooms, paintings."""

import cv2
import numpy as np

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import Colour, Picture, choose
from whenanime_pipeline.core.learning.shipped.screenshots.fonts import (
    blend_text,
    choose_phrase,
    render_text,
)

_BARS: tuple[Colour, ...] = ((24, 26, 32), (240, 240, 243), (32, 34, 46))
"""Colours of task bars and title bars."""
_CHAT: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((236, 229, 221), (255, 255, 255), (20, 20, 20)),
    ((49, 51, 56), (64, 68, 75), (230, 230, 230)),
    ((255, 255, 255), (233, 234, 237), (10, 10, 10)),
    ((14, 22, 33), (32, 49, 68), (235, 235, 235)),
)
"""Colours of chats: background, bubbles, letters."""


def draw_palette(count: int, rng: np.random.Generator) -> list[Colour]:
    """Return `count` RGB colours around two random hues."""
    hues = rng.uniform(0, 180, 2)[rng.integers(2, size=count)] + rng.normal(0, 12, count)
    rest = rng.uniform((10, 30), (190, 250), (count, 2))
    hsv = np.column_stack([hues % 180, rest]).astype(np.uint8)[None]
    return [(int(r), int(g), int(b)) for r, g, b in cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0]]


def draw_painting(width: int, height: int, rng: np.random.Generator) -> Picture:
    """Return an abstract picture `(height, width, 3)` of soft colours and sharp polygons."""
    high, wide = int(rng.integers(2, 6)), int(rng.integers(2, 8))
    palette = draw_palette(12, rng)
    fields = np.array(palette, np.uint8)[rng.integers(len(palette), size=(high, wide))]
    paper: Picture = cv2.resize(fields, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(5, 30))):
        centre = np.array([rng.integers(width), rng.integers(height)])
        reach = float(rng.uniform(0.03, 0.3)) * min(width, height)
        corners = int(rng.integers(3, 9))
        angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
        arms = reach * rng.uniform(0.4, 1, corners)
        points = centre + np.stack([np.cos(angle) * arms, np.sin(angle) * arms], axis=1)
        outline = np.round(points).astype(np.int32)
        cv2.fillPoly(paper, [outline], choose(palette, rng), cv2.LINE_AA)
        if rng.random() < 0.5:
            closed = True
            cv2.polylines(paper, [outline], closed, (15, 15, 20), 2, cv2.LINE_AA)
    return paper


def draw_desktop(width: int, height: int, rng: np.random.Generator) -> Picture:
    """Return a desktop `(height, width, 3)`: wallpaper, icons, a window with text, a task bar."""
    paper = cv2.GaussianBlur(draw_painting(width, height, rng), (0, 0), float(rng.uniform(1, 12)))
    unit = height / 100
    icons = draw_palette(10, rng)
    for number in range(int(rng.integers(0, 9))):
        left, top = round(3 * unit), round((4 + 11 * number) * unit)
        side = round(6 * unit)
        cv2.rectangle(paper, (left, top), (left + side, top + side), choose(icons, rng), -1)
    if rng.random() < 0.7:
        _draw_window(paper, rng)
    bar = choose(_BARS, rng)
    top = round(height - 6 * unit)
    cv2.rectangle(paper, (0, top), (width, height), bar, -1)
    for number in range(int(rng.integers(3, 10))):
        left = round((3 + 8 * number) * unit)
        centre = (left + round(2 * unit), round(top + 3 * unit))
        cv2.circle(paper, centre, round(2 * unit), choose(icons, rng), -1, cv2.LINE_AA)
    return np.asarray(paper, np.uint8)


def draw_chat(width: int, height: int, rng: np.random.Generator) -> Picture:
    """Return a chat `(height, width, 3)`: bubbles with lines of text from top to bottom."""
    ground, bubble, letters = choose(_CHAT, rng)
    paper = np.full((height, width, 3), ground, np.uint8)
    size = max(9.0, min(width, height) * 0.03)
    top = round(size)
    while top < height:
        text, script = choose_phrase(rng)
        ink = render_text(text, script, size, rng)
        tall, wide = ink.letters.shape
        left = round(size * 1.5) if rng.random() < 0.6 else max(0, width - wide - round(size * 3))
        edge = round(size * 0.7)
        cv2.rectangle(
            paper, (left, top), (left + wide + 2 * edge, top + tall + 2 * edge), bubble, -1
        )
        blend_text(paper, ink, left + edge, top + edge, letters, letters)
        top += tall + 2 * edge + round(size * float(rng.uniform(0.5, 1.5)))
    return paper


def draw_room(width: int, height: int, rng: np.random.Generator) -> Picture:
    """Return a room out of focus `(height, width, 3)`: a wall, a desk, objects on it."""
    wall, desk, *things = draw_palette(8, rng)
    view = np.full((height, width, 3), wall, np.uint8)
    edge = round(height * float(rng.uniform(0.6, 0.95)))
    view[edge:] = desk
    for _ in range(int(rng.integers(3, 10))):
        corner = (int(rng.integers(width)), int(rng.integers(height)))
        size = rng.uniform(0.05, 0.3, 2) * (width, height)
        far = (corner[0] + int(size[0]), corner[1] + int(size[1]))
        cv2.rectangle(view, corner, far, choose(things, rng), -1)
    soft: Picture = cv2.GaussianBlur(view, (0, 0), width * float(rng.uniform(0.008, 0.025)))
    return soft


def _draw_window(paper: Picture, rng: np.random.Generator) -> None:
    """Draw a window with lines of text, in place."""
    height, width = paper.shape[:2]
    light = rng.random() < 0.6
    ground, ink = ((250, 250, 250), (70, 70, 75)) if light else ((30, 31, 36), (190, 190, 195))
    left, top = int(width * rng.uniform(0, 0.4)), int(height * rng.uniform(0, 0.3))
    right, bottom = int(width * rng.uniform(0.6, 1)), int(height * rng.uniform(0.6, 0.95))
    cv2.rectangle(paper, (left, top), (right, bottom), ground, -1)
    cv2.rectangle(paper, (left, top), (right, top + height // 25), choose(_BARS, rng), -1)
    size = max(8.0, height * 0.025)
    line = top + height // 25 + round(size)
    area = paper[:bottom, :right]
    while line + size < bottom:
        text, script = choose_phrase(rng)
        blend_text(area, render_text(text, script, size, rng), left + round(size), line, ink, ink)
        line += round(size * float(rng.uniform(1.5, 2.2)))

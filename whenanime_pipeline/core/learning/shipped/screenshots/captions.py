"""Writes text on pictures: subtitles over them, captions on added borders."""

import cv2
import numpy as np

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import Colour, Picture, choose
from whenanime_pipeline.core.learning.shipped.screenshots.fonts import (
    available_scripts,
    blend_text,
    choose_phrase,
    render_text,
)

_SUBTITLE_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    ((255, 255, 255), (0, 0, 0)),
    ((255, 255, 255), (0, 0, 0)),
    ((255, 240, 70), (0, 0, 0)),
    ((255, 255, 255), (30, 50, 150)),
    ((255, 235, 245), (150, 30, 90)),
)
"""Colours of subtitles: letters, outline."""
_CAPTION_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    ((255, 255, 255), (0, 0, 0)),
    ((255, 255, 255), (0, 0, 0)),
    ((0, 0, 0), (255, 255, 255)),
    ((240, 240, 232), (40, 40, 40)),
    ((54, 57, 63), (230, 230, 230)),
)
"""Colours of captions: border, letters."""
_MAX_LINE_WIDTH = 0.9
"""Largest share of the width that a line takes up; longer ones get smaller letters."""


def add_subtitles(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture with one or two lines of subtitles, mostly at the bottom.

    The second line is often in another script, in smaller letters.
    """
    result = picture.copy()
    height, width = picture.shape[:2]
    fill, edge = choose(_SUBTITLE_COLOURS, rng)
    size = float(rng.uniform(0.055, 0.08)) * min(height, width * 0.75)
    text, script = choose_phrase(rng)
    lines = [(text, script, size)]
    if rng.random() < 0.5:
        other = choose(available_scripts(), rng) if rng.random() < 0.5 else script
        lines.append((*choose_phrase(rng, other), size if other == script else size * 0.7))
    top = rng.random() < 0.15
    place = round(height * float(rng.uniform(0.03, 0.07)))
    for text, script, letters in lines if top else reversed(lines):
        ink = render_text(text, script, letters, rng, stroke=max(1.0, letters * 0.09))
        if ink.letters.shape[1] > width * _MAX_LINE_WIDTH:
            letters *= width * _MAX_LINE_WIDTH / ink.letters.shape[1]
            ink = render_text(text, script, letters, rng, stroke=max(1.0, letters * 0.09))
        tall, wide = ink.letters.shape
        blend_text(
            result, ink, (width - wide) // 2, place if top else height - place - tall, fill, edge
        )
        place += round(tall * 1.12)
    return result


def add_caption(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture with borders above, below or around it, and text on them."""
    height, width = picture.shape[:2]
    paper, ink = choose(_CAPTION_COLOURS, rng)
    kind = choose(("above", "above", "below", "both", "around"), rng)
    depth = [round(height * float(rng.uniform(0.16, 0.38))) for _ in range(2)]
    above = depth[0] if kind in ("above", "both") else 0
    below = depth[1] if kind in ("below", "both", "around") else 0
    side = 0
    if kind == "around" or rng.random() < 0.3:
        side = round(width * float(rng.uniform(0.015, 0.08)))
        above, below = max(above, side), max(below, side)
    result: Picture = cv2.copyMakeBorder(
        picture, above, below, side, side, cv2.BORDER_CONSTANT, value=paper
    )
    if above > side:
        _write_lines(result, 0, above, ink, rng)
    if below > side:
        _write_lines(result, above + height, below, ink, rng)
    return result


def _write_lines(
    picture: Picture, top: int, depth: int, colour: Colour, rng: np.random.Generator
) -> None:
    """Write one or two lines of text into a border, in place.

    Args:
        picture: picture with its border.
        top: upper edge of the border, in pixels.
        depth: height of the border, in pixels.
        colour: RGB of the letters.
        rng: source of randomness.
    """
    lines = int(rng.integers(1, 3))
    width = picture.shape[1]
    script = choose_phrase(rng)[1]
    size = min(depth / lines * 0.55, width * 0.07)
    across = int(width * 0.04) if rng.random() < 0.4 else None
    for number in range(lines):
        text, _ = choose_phrase(rng, script)
        letters = render_text(text, script, size, rng)
        if letters.letters.shape[1] > width * _MAX_LINE_WIDTH:
            smaller = size * width * _MAX_LINE_WIDTH / letters.letters.shape[1]
            letters = render_text(text, script, smaller, rng)
        tall, wide = letters.letters.shape
        middle = top + depth * (number + 0.5) / lines
        left = (width - wide) // 2 if across is None else across
        blend_text(picture, letters, left, round(middle - tall / 2), colour, colour)

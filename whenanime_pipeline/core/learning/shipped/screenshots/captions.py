"""Writes text on pictures: subtitles over them, captions on borders of their own."""

import cv2
import numpy as np

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import Colour, Picture, choose
from whenanime_pipeline.core.learning.shipped.screenshots.fonts import (
    available_scripts,
    blend_text,
    choose_phrase,
    render_text,
)

_LOOKS: tuple[tuple[Colour, Colour], ...] = (
    ((255, 255, 255), (0, 0, 0)),
    ((255, 255, 255), (0, 0, 0)),
    ((255, 240, 70), (0, 0, 0)),
    ((255, 255, 255), (30, 50, 150)),
    ((255, 235, 245), (150, 30, 90)),
)
"""(letters, line around them) of subtitles."""
_PAPERS: tuple[tuple[Colour, Colour], ...] = (
    ((255, 255, 255), (0, 0, 0)),
    ((255, 255, 255), (0, 0, 0)),
    ((0, 0, 0), (255, 255, 255)),
    ((240, 240, 232), (40, 40, 40)),
    ((54, 57, 63), (230, 230, 230)),
)
"""(border, letters) of captions."""
_MARGIN = 0.9
"""Largest share of the width that a line takes; longer ones get smaller letters."""


def add_subtitles(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture with a line or two over it, mostly at the bottom.

    Half of the pairs are one line in two languages, the second in smaller letters.
    """
    result = picture.copy()
    height, width = picture.shape[:2]
    fill, edge = choose(_LOOKS, rng)
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
        if ink.letters.shape[1] > width * _MARGIN:
            letters *= width * _MARGIN / ink.letters.shape[1]
            ink = render_text(text, script, letters, rng, stroke=max(1.0, letters * 0.09))
        tall, wide = ink.letters.shape
        blend_text(
            result, ink, (width - wide) // 2, place if top else height - place - tall, fill, edge
        )
        place += round(tall * 1.12)
    return result


def add_caption(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture with borders above, below or all around it, and words on them."""
    height, width = picture.shape[:2]
    paper, ink = choose(_PAPERS, rng)
    kind = choose(("above", "above", "below", "both", "around"), rng)
    deep = [round(height * float(rng.uniform(0.16, 0.38))) for _ in range(2)]
    above = deep[0] if kind in ("above", "both") else 0
    below = deep[1] if kind in ("below", "both", "around") else 0
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
    picture: Picture, top: int, deep: int, colour: Colour, rng: np.random.Generator
) -> None:
    """Write one or two lines into a border, in place."""
    lines = int(rng.integers(1, 3))
    width = picture.shape[1]
    script = choose_phrase(rng)[1]
    size = min(deep / lines * 0.55, width * 0.07)
    across = int(width * 0.04) if rng.random() < 0.4 else None
    for number in range(lines):
        text, _ = choose_phrase(rng, script)
        letters = render_text(text, script, size, rng)
        if letters.letters.shape[1] > width * _MARGIN:
            smaller = size * width * _MARGIN / letters.letters.shape[1]
            letters = render_text(text, script, smaller, rng)
        tall, wide = letters.letters.shape
        middle = top + deep * (number + 0.5) / lines
        left = (width - wide) // 2 if across is None else across
        blend_text(picture, letters, left, round(middle - tall / 2), colour, colour)

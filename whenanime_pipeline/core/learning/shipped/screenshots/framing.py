"""What changes the frame around the scene: crops, mirroring, bars."""

from functools import partial

import cv2
import numpy as np

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import (
    Colour,
    Edit,
    Picture,
    choose,
)

_STRETCH = 4 / 3
"""Largest change of a crop's aspect ratio, as a factor either way."""
_TRIES = 8
_LIVELY = 12.0
"""Gray levels of deviation from which a part shows something: nobody keeps a piece of empty sky."""
_TALL = (4 / 3, 1.0, 4 / 5, 9 / 16)
_WIDE = (2.0, 19.5 / 9, 21 / 9)
"""Shapes of screens and posts that a picture is put into, width by height."""
_BARS: tuple[Colour, ...] = ((0, 0, 0),) * 8 + ((16, 16, 18), (255, 255, 255))


def crop(picture: Picture, rng: np.random.Generator, *, share: float) -> Picture:
    """Return a part of the picture, anywhere, of a somewhat different shape.

    Of some random places it is the first that shows something, else the one that shows most.

    Args:
        picture: to cut from.
        rng: source of chance.
        share: of the area that stays.
    """
    height, width = picture.shape[:2]
    ratio = np.exp(rng.uniform(-1, 1) * np.log(_STRETCH))
    wide = min(1.0, float(np.sqrt(share * ratio)))
    tall = min(1.0, share / wide)
    wide = share / tall
    columns, rows = max(8, round(wide * width)), max(8, round(tall * height))
    best, most = picture, -1.0
    for _ in range(_TRIES):
        left = int(rng.integers(max(1, width - columns + 1)))
        top = int(rng.integers(max(1, height - rows + 1)))
        part = picture[top : top + rows, left : left + columns]
        liveliness = float(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).std())
        if liveliness > most:
            best, most = part, liveliness
        if most >= _LIVELY:
            break
    return best.copy()


def make_crop_edit(share: float) -> Edit:
    """Return the edit that keeps so much of the area."""
    return partial(crop, share=share)


def flip(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture mirrored left to right; nothing in it is left to chance."""
    del rng
    return np.ascontiguousarray(picture[:, ::-1])


def add_bars(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture between bars, above and below or at the sides, mostly black."""
    height, width = picture.shape[:2]
    own = width / height
    tall = [shape for shape in _TALL if shape < own * 0.9]
    wide = [shape for shape in _WIDE if shape > own * 1.1]
    shape = choose(tall if tall and (not wide or rng.random() < 0.65) else wide or [own], rng)
    colour = choose(_BARS, rng)
    if shape < own:
        room = round(width / shape) - height
        sides = (room // 2, room - room // 2, 0, 0)
    else:
        room = round(height * shape) - width
        sides = (0, 0, room // 2, room - room // 2)
    framed: Picture = cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=colour)
    return framed

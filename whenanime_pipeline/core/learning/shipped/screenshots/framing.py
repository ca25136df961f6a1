"""Edits of framing: crops, mirroring, bars."""

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
"""Largest factor by which a crop's aspect ratio is changed, up or down."""
_TRIES = 8
_MIN_DEVIATION = 12.0
"""Standard deviation of gray levels from which a crop is kept: nobody posts empty sky."""
_TALL = (4 / 3, 1.0, 4 / 5, 9 / 16)
_WIDE = (2.0, 19.5 / 9, 21 / 9)
"""Aspect ratios, width by height, of screens and posts that a picture is padded to."""
_BAR_COLOURS: tuple[Colour, ...] = ((0, 0, 0),) * 8 + ((16, 16, 18), (255, 255, 255))


def crop(picture: Picture, rng: np.random.Generator, *, share: float) -> Picture:
    """Crop a picture at a random position, with a somewhat different aspect ratio.

    Takes the first of eight random positions that is not flat, or else the one of most contrast.

    Args:
        picture: picture to crop.
        rng: source of randomness.
        share: share of the area that is kept, 0 to 1.
    """
    height, width = picture.shape[:2]
    ratio = np.exp(rng.uniform(-1, 1) * np.log(_STRETCH))
    wide = min(1.0, float(np.sqrt(share * ratio)))
    tall = min(1.0, share / wide)
    wide = share / tall
    columns, rows = max(8, round(wide * width)), max(8, round(tall * height))
    best, highest = picture, -1.0
    for _ in range(_TRIES):
        left = int(rng.integers(max(1, width - columns + 1)))
        top = int(rng.integers(max(1, height - rows + 1)))
        part = picture[top : top + rows, left : left + columns]
        deviation = float(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).std())
        if deviation > highest:
            best, highest = part, deviation
        if highest >= _MIN_DEVIATION:
            break
    return best.copy()


def make_crop_edit(share: float) -> Edit:
    """Return the edit that crops to a share of the area."""
    return partial(crop, share=share)


def flip(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture mirrored left to right."""
    del rng
    return np.ascontiguousarray(picture[:, ::-1])


def add_bars(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture letterboxed or pillarboxed, mostly in black."""
    height, width = picture.shape[:2]
    own = width / height
    tall = [shape for shape in _TALL if shape < own * 0.9]
    wide = [shape for shape in _WIDE if shape > own * 1.1]
    shape = choose(tall if tall and (not wide or rng.random() < 0.65) else wide or [own], rng)
    colour = choose(_BAR_COLOURS, rng)
    if shape < own:
        room = round(width / shape) - height
        sides = (room // 2, room - room // 2, 0, 0)
    else:
        room = round(height * shape) - width
        sides = (0, 0, room // 2, room - room // 2)
    framed: Picture = cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=colour)
    return framed

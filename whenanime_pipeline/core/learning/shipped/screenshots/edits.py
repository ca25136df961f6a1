"""All edits by name, in the order of reports; the last combines three of the others."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from whenanime_pipeline.core.learning.shipped.screenshots.captions import add_caption, add_subtitles
from whenanime_pipeline.core.learning.shipped.screenshots.colours_and_blur import (
    blur,
    compress_webp,
    tint,
)
from whenanime_pipeline.core.learning.shipped.screenshots.compositing import Edit, Picture
from whenanime_pipeline.core.learning.shipped.screenshots.framing import (
    add_bars,
    flip,
    make_crop_edit,
)
from whenanime_pipeline.core.learning.shipped.screenshots.photo import photograph_screen
from whenanime_pipeline.core.learning.shipped.screenshots.picture_in_picture import inset_in_picture
from whenanime_pipeline.core.learning.shipped.screenshots.player import add_player_controls
from whenanime_pipeline.core.learning.shipped.screenshots.stickers import add_stickers

_SINGLE: Mapping[str, Edit] = MappingProxyType(
    {
        "crop50": make_crop_edit(0.5),
        "crop25": make_crop_edit(0.25),
        "crop15": make_crop_edit(0.15),
        "flip": flip,
        "bars": add_bars,
        "subtitles": add_subtitles,
        "player": add_player_controls,
        "webp": compress_webp,
        "caption": add_caption,
        "tint": tint,
        "blur": blur,
        "photo": photograph_screen,
        "stickers": add_stickers,
        "pip": inset_in_picture,
    }
)
_CROPS = ("crop50", "crop25", "crop15")
# In the order in which they happen to a frame: burnt in by the release, added by the player, made
# by the user, put into other pictures, and last photographed or compressed.
_STAGES = (
    "subtitles", "player", *_CROPS, "flip", "tint", "stickers", "bars", "caption", "pip", "blur",
    "photo", "webp",
)  # fmt: skip
_MIXED = 3
"""Edits of a mix."""


def apply_mix(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return the picture after three different edits, of which at most one is a crop."""
    for name in draw_mix(rng):
        picture = _SINGLE[name](picture, rng)
    return picture


def draw_mix(rng: np.random.Generator) -> tuple[str, ...]:
    """Draw the names of three edits, in the order of application."""
    crop = _CROPS[int(rng.integers(len(_CROPS)))]
    # Uniform over the fourteen edits, but without a second crop.
    while True:
        drawn = rng.choice(len(_STAGES), _MIXED, replace=False)
        names = [_STAGES[place] for place in sorted(drawn)]
        if sum(name in _CROPS for name in names) <= 1:
            return tuple(crop if name in _CROPS else name for name in names)


EDITS: Mapping[str, Edit] = MappingProxyType({**_SINGLE, "mix": apply_mix})
"""All fifteen edits, by name."""

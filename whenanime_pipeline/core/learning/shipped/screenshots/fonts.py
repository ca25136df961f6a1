"""Renders text in the fonts of this machine, or in Pillow's built-in font.

The installed fonts decide what a seed draws, so benchmark reports name the `available_scripts` to
be comparable.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from whenanime_pipeline.core.learning.shipped.screenshots.compositing import (
    Colour,
    Mask,
    Picture,
    choose,
)
from whenanime_pipeline.core.learning.shipped.screenshots.phrases import PHRASES, Script

_FACES: dict[Script, tuple[str, ...]] = {
    "latin": (
        "DejaVuSans-Bold.ttf",
        "DejaVuSansCondensed-Bold.ttf",
        "DejaVuSerif-Bold.ttf",
        "Arial Bold.ttf",
        "arialbd.ttf",
    ),
    "cyrillic": ("DejaVuSans-Bold.ttf", "Arial Bold.ttf", "arialbd.ttf"),
    "japanese": ("NotoSansCJK-Bold.ttc", "NotoSerifCJK-Bold.ttc", "Hiragino Sans GB.ttc"),
    "chinese": ("NotoSansCJK-Bold.ttc", "NotoSerifCJK-Bold.ttc", "msyhbd.ttc"),
    "korean": ("NotoSansCJK-Bold.ttc", "malgunbd.ttf"),
}
"""File names, which Pillow looks up in the system's font folders."""

_LATIN_SHARE = 0.4
"""Share of lines that are Latin in any case; the script of the others is uniformly random."""


@dataclass(frozen=True, slots=True)
class RenderedText:
    """Rendered text.

    Attributes:
        letters: `(h, w)` coverage by the letters, 0 to 1.
        edge: `(h, w)` coverage by the letters and their outline.
    """

    letters: Mask
    edge: Mask


@lru_cache(maxsize=1)
def available_scripts() -> tuple[Script, ...]:
    """Return the scripts that this machine has fonts for; always with Latin."""
    return tuple(script for script in PHRASES if script == "latin" or _available_faces(script))


def choose_phrase(rng: np.random.Generator, script: Script | None = None) -> tuple[str, Script]:
    """Choose a phrase, of a given or of a random script; returns the script as well."""
    chosen: Script = script or "latin"
    if script is None and rng.random() > _LATIN_SHARE:
        chosen = choose(available_scripts(), rng)
    return choose(PHRASES[chosen], rng), chosen


def render_text(
    text: str, script: Script, size: float, rng: np.random.Generator, *, stroke: float = 0.0
) -> RenderedText:
    """Render a line of text.

    Args:
        text: one line.
        script: script of the text.
        size: font size in pixels.
        rng: chooses the font.
        stroke: width of the outline in pixels.

    Raises:
        OSError: this Pillow was built without FreeType.
    """
    font = _load_font(choose(_available_faces(script) or ("",), rng), max(6, round(size)))
    width = round(stroke)
    left, top, right, bottom = font.getbbox(text, stroke_width=width)
    extent = (max(1, int(right - left)) + 2, max(1, int(bottom - top)) + 2)
    parts = []
    for line in (0, width):
        sheet = Image.new("L", extent)
        ImageDraw.Draw(sheet).text(
            (1 - left, 1 - top), text, fill=255, font=font, stroke_width=line
        )
        parts.append(np.asarray(sheet, np.float32) / np.float32(255))
    return RenderedText(*parts)


def blend_text(
    picture: Picture,
    ink: RenderedText,
    left: int,
    top: int,
    fill: Colour,
    edge: Colour,
) -> None:
    """Blend text into a picture, in place; the part outside is clipped.

    Args:
        picture: `(h, w, 3)`, changed.
        ink: rendered text.
        left: left edge of the text in pixels, may be negative.
        top: upper edge of the text in pixels, may be negative.
        fill: RGB of the letters.
        edge: RGB of the outline.
    """
    height, width = picture.shape[:2]
    tall, wide = ink.letters.shape
    rows = slice(max(0, top), min(height, top + tall))
    columns = slice(max(0, left), min(width, left + wide))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    inside = np.s_[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    area = picture[rows, columns].astype(np.float32)
    for mask, colour in ((ink.edge, edge), (ink.letters, fill)):
        cover = mask[inside][..., None]
        area = area * (1 - cover) + np.array(colour, np.float32) * cover
    picture[rows, columns] = np.rint(area).astype(np.uint8)


@lru_cache(maxsize=16)
def _available_faces(script: Script) -> tuple[str, ...]:
    return tuple(name for name in _FACES[script] if _is_installed(name))


@lru_cache(maxsize=32)
def _is_installed(name: str) -> bool:
    try:
        ImageFont.truetype(name, 12)
    except OSError:
        return False
    return True


@lru_cache(maxsize=256)
def _load_font(name: str, size: int) -> ImageFont.FreeTypeFont:
    if name:
        return ImageFont.truetype(name, size)
    default = ImageFont.load_default(size)
    if not isinstance(default, ImageFont.FreeTypeFont):
        raise OSError("this Pillow was built without FreeType and cannot draw letters")
    return default

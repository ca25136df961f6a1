"""Renders text on pictures in the TrueType font bundled with Pillow."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from whenanime_pipeline.core.sample.canvas import Colour
from whenanime_pipeline.core.sample.compositing import Picture
from whenanime_pipeline.core.sample.shots import Role

# (fill, edge) of the four looks a style may choose from.
LETTERING_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    ((255, 255, 255), (16, 16, 20)),
    ((255, 236, 120), (30, 22, 10)),
    ((255, 255, 255), (48, 62, 140)),
    ((244, 250, 255), (120, 30, 60)),
)
_SIZES: dict[Role, float] = {"subtitle": 0.062, "title": 0.15, "credit": 0.055}


@lru_cache(maxsize=64)
def render_caption(
    text: str, role: Role, look: int, width: int, height: int
) -> tuple[Picture, int, int]:
    """Render text as a cell for a frame.

    Args:
        text: one or more lines in Latin letters.
        role: role that sets size and position.
        look: index into `LETTERING_COLOURS`.
        width: width of the frame in pixels.
        height: height of the frame in pixels.

    Returns:
        (cell, left, top): premultiplied RGBA and its position.
    """
    size = max(6.0, _SIZES[role] * height)
    font = ImageFont.load_default(size)
    fill, edge = LETTERING_COLOURS[look]
    stroke = max(1, round(size * (0.1 if role == "title" else 0.08)))
    measure = ImageDraw.Draw(Image.new("L", (1, 1)))
    left, top, right, bottom = measure.multiline_textbbox(
        (0, 0), text, font=font, stroke_width=stroke, align="center"
    )
    cell = Image.new("RGBA", (int(right - left) + 4, int(bottom - top) + 4), (*edge, 0))
    ImageDraw.Draw(cell).multiline_text(
        (2 - left, 2 - top), text, font=font, fill=(*fill, 255), stroke_width=stroke,
        stroke_fill=(*edge, 255), align="center",
    )  # fmt: skip
    pixels = np.array(cell, np.float32)
    pixels[..., :3] *= pixels[..., 3:] / 255
    x = (width - cell.width) // 2
    y = {
        "subtitle": round(height * 0.95) - cell.height,
        "title": round(height * 0.5) - cell.height // 2,
        "credit": round(height * 0.86) - cell.height // 2,
    }[role]
    return pixels.astype(np.uint8), x, y

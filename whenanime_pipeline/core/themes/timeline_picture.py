"""Draws the timelines of a season as a picture: a row an episode, a colour a type."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from whenanime_pipeline.core.themes.segments import Segment, SegmentType

COLOURS: Mapping[SegmentType, tuple[int, int, int]] = {
    "opening": (46, 134, 222),
    "ending": (142, 68, 173),
    "recap": (230, 126, 34),
    "preview": (39, 174, 96),
    "eyecatch": (241, 196, 15),
    "sponsor": (127, 140, 141),
    "repeated": (189, 195, 199),
}
"""RGB of each type; the page uses the same."""
_WIDTH, _ROW, _LABEL, _LEGEND = 900, 16, 150, 22  # pixels
_TEXT, _TRACK = (60, 60, 60), (236, 240, 241)
_MOST_ROWS = 60


def draw_timelines(
    rows: Sequence[tuple[str, float, Sequence[Segment]]],
) -> NDArray[np.uint8]:
    """Draw the timelines of some episodes.

    Args:
        rows: name, seconds and segments of each episode, in order; the first 60 are drawn.

    Returns:
        RGB, `(height, 900, 3)`. Segments that are not certain are hatched.
    """
    shown = rows[:_MOST_ROWS]
    longest = max((seconds for _, seconds, _ in shown), default=1.0) or 1.0
    picture = Image.new("RGB", (_WIDTH, _LEGEND + _ROW * len(shown) + 4), "white")
    draw = ImageDraw.Draw(picture)
    _draw_legend(draw)
    for number, (name, seconds, segments) in enumerate(shown):
        top = _LEGEND + number * _ROW
        draw.text((4, top + 2), name[-24:], fill=_TEXT)
        scale = (_WIDTH - _LABEL - 6) / longest
        box = (_LABEL, top + 2, _LABEL + seconds * scale, top + _ROW - 3)
        draw.rectangle(box, fill=_TRACK)
        for segment in segments:
            _draw_segment(draw, segment, top, scale)
    return np.asarray(picture)


def _draw_legend(draw: ImageDraw.ImageDraw) -> None:
    left = _LABEL
    for kind, colour in COLOURS.items():
        draw.rectangle((left, 6, left + 10, 16), fill=colour)
        draw.text((left + 14, 5), kind, fill=_TEXT)
        left += 24 + 7 * len(kind) + 10


def _draw_segment(draw: ImageDraw.ImageDraw, segment: Segment, top: int, scale: float) -> None:
    left, right = _LABEL + segment.start * scale, _LABEL + segment.end * scale
    colour = COLOURS[segment.type]
    if segment.confidence == "certain":
        draw.rectangle((left, top + 2, max(left + 1, right), top + _ROW - 3), fill=colour)
        return
    draw.rectangle((left, top + 2, max(left + 1, right), top + _ROW - 3), outline=colour)
    for x in range(int(left), int(right), 4):
        draw.line((x, top + _ROW - 3, min(x + 6, right), top + 2), fill=colour)

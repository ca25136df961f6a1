"""Draws one face, puts it into a patch of a stored frame, and finds its box."""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from whenanime_pipeline.core.characters.embedding.crops import Box
from whenanime_pipeline.core.learning.shipped.face_sheet.moments import FaceMoment, Take
from whenanime_pipeline.core.learning.shipped.face_sheet.occlusions import cover
from whenanime_pipeline.core.sample.backgrounds import Background, Place, paint_background
from whenanime_pipeline.core.sample.characters import CharacterDesign
from whenanime_pipeline.core.sample.compositing import Picture, composite_over
from whenanime_pipeline.core.sample.figure import draw_character
from whenanime_pipeline.core.sample.light import LIGHTS
from whenanime_pipeline.core.sample.pose import Pose
from whenanime_pipeline.core.sample.style import Style

FACE_BOX = (-0.95, -0.69, 0.95, 1.2)
"""Left, top, right, bottom of a face from the brows' roots to the chin, in head units."""
FRAME_HEIGHT = 180
"""Height of a stored frame of 320 pixels' width, which sets the pen's width."""
QUALITY = 75
"""Quality of the stored frames' JPEG or WebP."""
_SIDE = FACE_BOX[2] - FACE_BOX[0]
_REACH = (1.9, 1.9, 2.0)  # of a patch, to the sides, up and down, in head units
_LEAST_UNIT = 58.0  # pixels per head unit to draw at, so that small faces keep their lines
_PAINTING = (320, 180)


@dataclass(frozen=True)
class FacePatch:
    """The surroundings of a face in a stored frame.

    Attributes:
        picture: RGB `(height, width, 3)` uint8, after the frame's codec.
        box: left, top, right, bottom of the face in pixels, without jitter.
    """

    picture: Picture
    box: Box


@dataclass(frozen=True)
class FaceDrawing:
    """A face without background.

    Attributes:
        cell: premultiplied RGBA.
        unit: pixels per head unit.
        moment: what it shows.
        style: style of the series.
    """

    cell: Picture
    unit: float
    moment: FaceMoment
    style: Style


def draw_face(design: CharacterDesign, style: Style, moment: FaceMoment) -> FaceDrawing:
    """Draw a face."""
    wanted = moment.side / _SIDE
    unit = max(_LEAST_UNIT, 1.2 * wanted)
    aside, above, below = _REACH
    canvas = style.make_canvas(
        round(2 * aside * unit),
        round((above + below) * unit),
        scale=unit,
        origin=(aside * unit, above * unit),
        picture_height=FRAME_HEIGHT * unit / wanted,
        oversample=1,
    )
    canvas = replace(canvas, grade=lru_cache(canvas.grade))
    drawing = draw_character(canvas, design, style, moment.mood, Pose(moment.arm))
    cell = drawing.render_cell(moment.eyes, moment.mouth)
    if moment.mirrored:
        cell = np.ascontiguousarray(cell[:, ::-1])
    return FaceDrawing(cell, unit, moment, style)


def render_take(drawing: FaceDrawing, take: Take) -> FacePatch:
    """Return a drawing in front of a background, lit, covered, and encoded."""
    rng = np.random.default_rng([take.seed, 0x7A4E])
    unit = drawing.moment.side / _SIDE * take.scale
    cell = LIGHTS[take.time].tint_cell(drawing.cell)
    height, width = (max(8, round(side * unit / drawing.unit)) for side in cell.shape[:2])
    cell = cv2.resize(cell, (width, height), interpolation=cv2.INTER_AREA)
    picture = _crop_background(drawing.style, take, (width, height), rng)
    composite_over(picture, cell, 0, 0)
    box = _find_box(drawing.moment, width / (2 * _REACH[0]))
    cover(picture, box, take.occlusion, drawing.style, rng)
    return FacePatch(encode(picture, take.codec), box)


def encode(picture: Picture, codec: str) -> Picture:
    """Return a picture after JPEG or WebP, as stored frames are."""
    option = cv2.IMWRITE_JPEG_QUALITY if codec == "jpeg" else cv2.IMWRITE_WEBP_QUALITY
    suffix = ".jpg" if codec == "jpeg" else ".webp"
    _, content = cv2.imencode(suffix, np.ascontiguousarray(picture[..., ::-1]), [option, QUALITY])
    decoded = cv2.imdecode(content, cv2.IMREAD_COLOR)
    assert decoded is not None  # it was encoded a line above
    return np.ascontiguousarray(decoded[..., ::-1])


def jitter_box(box: Box, jitter: tuple[float, float, float, float]) -> Box:
    """Return a box as a detector might find it: shifted and stretched."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    x, y = (left + right) / 2 + jitter[0] * width, (top + bottom) / 2 + jitter[1] * height
    half_width, half_height = width * jitter[2] / 2, height * jitter[3] / 2
    return x - half_width, y - half_height, x + half_width, y + half_height


def _find_box(moment: FaceMoment, unit: float) -> Box:
    """Return the face's box in a patch; heads tilt about the neck at (0, 0.9)."""
    angle = np.radians(moment.mood.tilt)
    rise = 0.9 - (FACE_BOX[1] + FACE_BOX[3]) / 2
    x, y = rise * np.sin(angle) + 0.08 * moment.mood.turn, 0.9 - rise * np.cos(angle)
    if moment.mirrored:
        x = -x
    half_width, half_height = _SIDE / 2, (FACE_BOX[3] - FACE_BOX[1]) / 2
    aside, above, _ = _REACH
    left, top, right, bottom = (
        (x - half_width + aside) * unit,
        (y - half_height + above) * unit,
        (x + half_width + aside) * unit,
        (y + half_height + above) * unit,
    )
    return float(left), float(top), float(right), float(bottom)


@lru_cache(maxsize=8)
def _paint(style: Style, place: Place) -> Picture:
    return paint_background(Background(place, "day", 0), style, _PAINTING, FRAME_HEIGHT)


def _crop_background(
    style: Style, take: Take, size: tuple[int, int], rng: np.random.Generator
) -> Picture:
    """Return a part of a painting in the take's light; paintings are dear, and made by day."""
    painting = _paint(style, take.place)
    height, width = painting.shape[:2]
    scale = max(1.0, size[0] / width, size[1] / height)
    own_width, own_height = min(width, round(size[0] / scale)), min(height, round(size[1] / scale))
    left = int(rng.integers(0, width - own_width + 1))
    top = int(rng.integers(0, height - own_height + 1))
    crop = painting[top : top + own_height, left : left + own_width] * LIGHTS[take.time].tint
    return np.array(cv2.resize(crop.astype(np.uint8), size, interpolation=cv2.INTER_LINEAR))

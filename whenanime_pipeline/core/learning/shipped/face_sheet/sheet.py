"""Draws sheets of named faces from a seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.characters.embedding.crops import FACE_MARGIN, FACE_SIDE, cut_face
from whenanime_pipeline.core.learning.shipped.face_sheet.casts import SIBLING_SHARE, choose_cast
from whenanime_pipeline.core.learning.shipped.face_sheet.drawing import (
    FaceDrawing,
    draw_face,
    jitter_box,
    render_take,
)
from whenanime_pipeline.core.learning.shipped.face_sheet.moments import (
    FACE_SIDES,
    Take,
    choose_moment,
    choose_take,
)
from whenanime_pipeline.core.sample.backgrounds import PLACES
from whenanime_pipeline.core.sample.style import make_style

Part = Literal["training", "validation", "test"]
_PART_SEEDS: dict[Part, int] = {"training": 1, "validation": 2, "test": 3}
_PLACES_PER_STYLE = 3
_SHEET_SEED = 0xFACE5


@dataclass(frozen=True)
class SheetOptions:
    """Options of a sheet.

    Attributes:
        part: styles and casts of one part occur in no other.
        styles: number of styles, with one cast each.
        names: members of each cast.
        drawings: drawings of each name.
        takes: pictures of each drawing, with other backgrounds, lights, occlusions and boxes.
        siblings: share of names that differ from another one in eyes and face shape alone.
        sides: range of the faces' sides in pixels of the stored frame.
        side: side of the crops in pixels.
        margin: margin of the crops, as of `cut_face`.
        jitter: whether boxes are found inexactly.
    """

    part: Part
    styles: int
    names: int
    drawings: int
    takes: int = 1
    siblings: float = SIBLING_SHARE
    sides: tuple[float, float] = FACE_SIDES
    side: int = FACE_SIDE
    margin: float = FACE_MARGIN
    jitter: bool = True


@dataclass(frozen=True)
class FaceSheet:
    """Crops of faces with their truth; all arrays have one row per picture.

    Attributes:
        crops: `(n, side, side, 3)` uint8 RGB.
        names: `(n,)` number of the name, unique over styles.
        styles: `(n,)` number of the style.
        drawings: `(n,)` number of the drawing, unique over names.
        sides: `(n,)` side of the face in the stored frame in pixels.
    """

    crops: NDArray[np.uint8]
    names: NDArray[np.int64]
    styles: NDArray[np.int64]
    drawings: NDArray[np.int64]
    sides: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.names)

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "FaceSheet":
        """Return some of the rows."""
        return FaceSheet(
            self.crops[rows],
            self.names[rows],
            self.styles[rows],
            self.drawings[rows],
            self.sides[rows],
        )


def draw_sheet(options: SheetOptions, seed: int = 0, *, first_style: int = 0) -> FaceSheet:
    """Draw a sheet; the same options and seed give the same pixels.

    Args:
        options: parts and numbers; a style's faces do not depend on the number of styles, nor
            drawings on the number of drawings.
        seed: any integer >= 0.
        first_style: number of the first style, to draw a large sheet in pieces.
    """
    styles = range(first_style, first_style + options.styles)
    return concatenate_sheets([_draw_style(options, seed, style) for style in styles])


def concatenate_sheets(parts: Sequence[FaceSheet]) -> FaceSheet:
    """Return the faces of several sheets, one after another."""
    return FaceSheet(
        np.concatenate([part.crops for part in parts]),
        np.concatenate([part.names for part in parts]),
        np.concatenate([part.styles for part in parts]),
        np.concatenate([part.drawings for part in parts]),
        np.concatenate([part.sides for part in parts]),
    )


@dataclass(frozen=True)
class _Face:
    """One row of a sheet."""

    crop: NDArray[np.uint8]
    name: int
    drawing: int
    side: float


def _draw_style(options: SheetOptions, seed: int, number: int) -> FaceSheet:
    key = (_SHEET_SEED, seed, _PART_SEEDS[options.part], number)
    rng = np.random.default_rng(key)
    style = make_style(int(rng.integers(1 << 40)))
    cast = choose_cast(int(rng.integers(1 << 40)), options.names, siblings=options.siblings)
    places = tuple(PLACES[int(i)] for i in rng.permutation(len(PLACES))[:_PLACES_PER_STYLE])
    faces: list[_Face] = []
    for member, design in enumerate(cast):
        name = number * options.names + member
        for drawing in range(options.drawings):
            own = np.random.default_rng((*key, member, drawing))
            drawn = draw_face(design, style, choose_moment(own, options.sides))
            for _ in range(options.takes):
                crop, side = _cut_take(drawn, choose_take(own, places), options)
                faces.append(_Face(crop, name, name * options.drawings + drawing, side))
    return FaceSheet(
        np.stack([face.crop for face in faces]),
        np.array([face.name for face in faces], np.int64),
        np.full(len(faces), number, np.int64),
        np.array([face.drawing for face in faces], np.int64),
        np.array([face.side for face in faces], np.float32),
    )


def _cut_take(
    drawn: FaceDrawing, take: Take, options: SheetOptions
) -> tuple[NDArray[np.uint8], float]:
    """Return the crop of a take, and the side of its face in pixels."""
    patch = render_take(drawn, take)
    box = jitter_box(patch.box, take.jitter) if options.jitter else patch.box
    crop = cut_face(patch.picture, box, side=options.side, margin=options.margin)
    return crop, patch.box[2] - patch.box[0]

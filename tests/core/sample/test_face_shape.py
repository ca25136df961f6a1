from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from whenanime_pipeline.core.sample.characters import Expression, FaceShape, make_cast
from whenanime_pipeline.core.sample.figure import draw_character
from whenanime_pipeline.core.sample.pose import STANDING
from whenanime_pipeline.core.sample.style import make_style

CHANGES: dict[str, Any] = {
    "eye_height": 0.8,
    "eye_width": 0.85,
    "iris": 0.8,
    "slant": 10.0,
    "spacing": 1.1,
    "eye_drop": 0.06,
    "lash": 0.5,
    "pupil": "slit",
    "brow": 2.0,
    "brow_rise": 0.12,
    "jaw": 0.4,
    "chin": 0.09,
    "mouth": 1.4,
    "mark": "scar",
}


def draw(shape: FaceShape) -> np.ndarray:
    style = make_style(1)
    canvas = style.make_canvas(160, 160, scale=48, origin=(80, 80), picture_height=200)
    look = replace(make_cast(0, 1)[0], shape=shape)
    return draw_character(canvas, look, style, Expression(), STANDING).render_cell("open", "half")


def test_every_property_is_tried() -> None:
    assert set(CHANGES) == {field.name for field in fields(FaceShape)}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_property_changes_the_face(name: str) -> None:
    changed = replace(FaceShape(), **{name: CHANGES[name]})
    difference = np.abs(draw(changed).astype(int) - draw(FaceShape())).max(axis=2)
    assert (difference > 15).sum() >= 8
    assert (difference > 30).mean() < 0.2


def test_pupils_and_marks_are_all_different() -> None:
    faces = [draw(FaceShape(pupil=pupil)) for pupil in ("round", "slit", "ring", "large")]
    faces += [
        draw(FaceShape(mark=mark))
        for mark in ("mole under eye", "mole by mouth", "freckles", "scar")
    ]
    assert len({face.tobytes() for face in faces}) == len(faces)

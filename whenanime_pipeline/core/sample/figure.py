"""Draws whole characters, with only the moving parts of the face left to each cell.

Head units; the body hangs from the neck at (0, 1).
"""

from dataclasses import dataclass

import numpy as np

from whenanime_pipeline.core.sample import face, hair
from whenanime_pipeline.core.sample.canvas import Canvas
from whenanime_pipeline.core.sample.characters import CharacterDesign, Expression, Eyes, Mouth
from whenanime_pipeline.core.sample.clothes import (
    draw_collar,
    draw_folds,
    draw_pattern,
    outline_torso,
)
from whenanime_pipeline.core.sample.compositing import Picture, composite_over
from whenanime_pipeline.core.sample.curves import (
    catmull_rom,
    ellipse,
    join_paths,
    mirror_path,
)
from whenanime_pipeline.core.sample.limbs import draw_arm, draw_legs
from whenanime_pipeline.core.sample.pose import (
    Pose,
    limb_swing,
)
from whenanime_pipeline.core.sample.style import Style

HEAD_BOX = (-1.16, -1.42, 1.16, 1.2)  # left, top, right, bottom of crown to chin, in head units


def draw_body(canvas: Canvas, look: CharacterDesign, style: Style, pose: Pose) -> None:
    """Draw everything from the neck down."""
    draw_legs(canvas, look, style, pose)
    swing = limb_swing(pose)
    draw_arm(canvas, look, style, -1, "down", -swing)
    if pose.step is None:
        draw_arm(canvas, look, style, 1, pose.arm, swing)
    torso = outline_torso(look)
    ink = style.ink_colour(look.cloth)
    canvas.fill(torso, look.cloth)
    covered = canvas.cover_mask(torso)
    draw_folds(canvas, look, style, covered)
    draw_pattern(canvas, look, style, covered)
    canvas.draw_outline(torso, ink)
    _neck(canvas, look, style)
    draw_collar(canvas, look, style)
    if pose.step is not None:
        draw_arm(canvas, look, style, 1, "down", swing)


def _neck(canvas: Canvas, look: CharacterDesign, style: Style) -> None:
    wide = 0.36 if look.is_boy else 0.28
    right = catmull_rom([(wide, 0.7), (wide, 1.2), (wide + 0.2, 1.45)])
    throat = join_paths([right, [(0.0, 1.78)], mirror_path(right)])
    canvas.draw_shape(throat, look.skin, style.ink_colour(look.skin))
    covered = canvas.cover_mask(throat)
    canvas.fill(
        ellipse((0.08, 1.0), (0.5, 0.36)), style.darken_colour(look.skin, 0.8), clip=covered
    )


@dataclass(frozen=True)
class CharacterDrawing:
    """Drawing of a character without the moving parts of the face.

    Attributes:
        look: design of the character.
        style: style of the series.
        mood: expression of the face.
        base: canvas with body and head.
        front: canvas with only the hair over the face.
    """

    look: CharacterDesign
    style: Style
    mood: Expression
    base: Canvas
    front: Canvas

    def render_cell(self, eyes: Eyes, mouth: Mouth) -> Picture:
        """Return the finished cell for one state of the face: premultiplied RGBA (h, w, 4)."""
        canvas = self.base.copy()
        head = canvas.with_transform(0.0, 0.9, degrees=self.mood.tilt).with_transform(0.0, -0.9)
        face.draw_features(head, self.look, self.style, self.mood, eyes, mouth)
        composite_over(canvas.pixels, self.front.pixels, 0, 0)
        face.draw_brows(head, self.look, self.mood)
        if self.look.ornament == "glasses":
            face.draw_glasses(head, self.look, self.mood)
        return canvas.downsample()


def draw_character(
    canvas: Canvas, look: CharacterDesign, style: Style, mood: Expression, pose: Pose
) -> CharacterDrawing:
    """Draw a character on a blank canvas whose unit is the head's.

    Returns:
        The drawing, whose `render_cell` adds eyes and mouth in a given state.
    """
    head = canvas.with_transform(0.0, 0.9, degrees=mood.tilt).with_transform(0.0, -0.9)
    hair.draw_back_hair(head, look, style)
    draw_body(canvas, look, style, pose)
    face.draw_head(head, look, style, mood)
    blank = Canvas(np.zeros_like(canvas.pixels), head.matrix, canvas.pen, canvas.grade)
    hair.draw_front_hair(blank, look, style, mood.turn)
    return CharacterDrawing(look, style, mood, canvas, blank)

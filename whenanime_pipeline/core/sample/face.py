"""Draws faces: head, ears, nose, and the moving parts (eyes, brows, mouth).

Head units as in `hair_shapes`. `turn` slides the features over the head, which reads as a head
turned by up to about thirty degrees.
"""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, mix_colours
from whenanime_pipeline.core.sample.characters import CharacterDesign, Expression, Eyes, Mouth
from whenanime_pipeline.core.sample.curves import Path, catmull_rom, ellipse, path, quadratic_bezier
from whenanime_pipeline.core.sample.eyes import WHITE, draw_closed_eye, draw_open_eye
from whenanime_pipeline.core.sample.hair_shapes import outline_front_hair
from whenanime_pipeline.core.sample.style import Style

EYE_LINE = 0.3  # y of the eyes' centres


EYE_X = 0.44  # distance of the eyes' centres from the middle


MOUTH_LINE = 0.82


def outline_head(look: CharacterDesign, style: Style, turn: float) -> Path:
    """Return the outline of skull, cheeks and chin."""
    jaw = style.jaw * (1.0 if look.is_boy else 0.75) + look.shape.jaw
    chin = (1.2 if look.is_boy else 1.13) + look.shape.chin
    slide = 0.16 * turn
    cheek = 0.74 - 0.06 * jaw
    right = [
        (0.88, -0.3),
        (0.89, 0.15),
        (cheek + 0.08, 0.5),
        (cheek - 0.16 - 0.06 * jaw, 0.83),
        (0.24 - 0.1 * jaw, chin - 0.04),
    ]
    left = [(-x, y) for x, y in reversed(right)]
    far, near = 1 - 0.05 * turn, 1 + 0.05 * turn
    points = [(0.0, -1.12)]
    points += [(x * near + slide * max(0.0, y), y) for x, y in right]
    points += [(slide, chin)]
    points += [(x * far + slide * max(0.0, y), y) for x, y in left]
    return catmull_rom(points, closed=True, steps=8)


def draw_head(canvas: Canvas, look: CharacterDesign, style: Style, mood: Expression) -> None:
    """Draw the parts that do not move: ears, head, nose and the fringe's shadow."""
    ink = style.ink_colour(look.skin)
    shadow = style.darken_colour(look.skin, 0.62)
    for side in (-1, 1):
        if side * mood.turn < 0.55:
            ear = ellipse((side * 0.92 - 0.1 * mood.turn, 0.36), (0.14, 0.24))
            canvas.draw_shape(ear, look.skin, ink)
            canvas.fill(ellipse((side * 0.91 - 0.1 * mood.turn, 0.38), (0.07, 0.14)), shadow)
    head = outline_head(look, style, mood.turn)
    canvas.fill(head, look.skin)
    covered = canvas.cover_mask(head)
    canvas.fill(outline_front_hair(look, mood.turn) + np.array([0.05, 0.13]), shadow, clip=covered)
    if style.tones > 2:
        edge = catmull_rom(
            [(0.95, -0.2), (0.7, 0.3), (0.6, 0.75), (0.12, 1.1), (0.1, 1.3), (1.0, 1.2)],
            closed=True,
        )
        canvas.fill(edge, style.darken_colour(look.skin, 0.35), clip=covered, alpha=0.7)
    if mood.blush:
        for side in (-1, 1):
            x = _project_x(side * 0.52, mood.turn)
            canvas.fill(
                ellipse((x, 0.64), (0.19, 0.09)),
                (246, 120, 120),
                alpha=0.45,
                clip=covered,
                soft=0.05,
            )
            for step in (-0.08, 0.0, 0.08):
                canvas.stroke(
                    path([(x + step + 0.03, 0.59), (x + step - 0.03, 0.68)]),
                    (222, 92, 92),
                    width=0.6,
                    alpha=0.7,
                    taper=(1, 1),
                )
    draw_mark(canvas, look, style, mood.turn)
    canvas.draw_outline(head, ink)
    nose = _project_x(0.0, mood.turn) + 0.05 * mood.turn
    canvas.fill(
        path([(nose - 0.02, 0.56), (nose + 0.05, 0.6), (nose - 0.01, 0.63)]),
        style.darken_colour(look.skin, 1.0),
    )
    if look.is_boy:
        canvas.stroke(
            quadratic_bezier((nose + 0.02, 0.42), (nose + 0.06, 0.52), (nose + 0.03, 0.6)),
            ink,
            width=0.7,
        )


def draw_mark(canvas: Canvas, look: CharacterDesign, style: Style, turn: float) -> None:
    """Draw moles, freckles or a scar, on the left of the picture for odd seeds."""
    side = -1 if look.seed % 2 else 1
    ink = style.ink_colour(look.skin)
    if look.shape.mark == "mole under eye":
        canvas.fill(ellipse((_project_x(side * 0.62, turn), 0.68), (0.045, 0.045)), ink)
    elif look.shape.mark == "mole by mouth":
        canvas.fill(ellipse((_project_x(side * 0.3, turn), 0.9), (0.045, 0.045)), ink)
    elif look.shape.mark == "freckles":
        for x, y in (
            (-0.6, 0.6),
            (-0.46, 0.66),
            (-0.34, 0.6),
            (0.34, 0.6),
            (0.46, 0.66),
            (0.6, 0.6),
        ):
            spot = ellipse((_project_x(x, turn), y), (0.04, 0.035))
            canvas.fill(spot, style.darken_colour(look.skin, 1.3))
    elif look.shape.mark == "scar":
        x = _project_x(side * 0.5, turn)
        cut = path([(x - 0.1, -0.2), (x + 0.04, 0.3), (x + 0.1, 0.86)])
        canvas.stroke(cut, (176, 84, 84), width=2.0, taper=(0.3, 1.0, 0.3))


def _project_x(x: float, turn: float) -> float:
    """Return the position of a feature at x on a turned head."""
    return x * (1 - 0.1 * abs(turn)) + 0.24 * turn


def draw_features(
    canvas: Canvas, look: CharacterDesign, style: Style, mood: Expression, eyes: Eyes, mouth: Mouth
) -> None:
    """Draw eyes and mouth in one of their states."""
    for side in (-1, 1):
        narrow = 1 - 0.2 * max(0.0, side * mood.turn)
        local = canvas.with_transform(
            _project_x(side * EYE_X * look.shape.spacing, mood.turn),
            EYE_LINE + look.shape.eye_drop,
            degrees=-side * look.shape.slant,
            flip=side < 0,
        )
        gaze = (mood.gaze[0] * side, mood.gaze[1])
        if eyes == "closed":
            draw_closed_eye(local, look, style, narrow, happy=mood.smile > 0.75)
        else:
            draw_open_eye(local, look, style, narrow, 1.0 if eyes == "open" else 0.55, gaze, side)
    _draw_mouth(canvas, look, style, mood, mouth)


def draw_brows(canvas: Canvas, look: CharacterDesign, mood: Expression) -> None:
    """Draw the brows, which show through the fringe."""
    colour = mix_colours(look.hair, (30, 20, 35), 0.5)
    for side in (-1, 1):
        local = canvas.with_transform(
            _project_x(side * EYE_X * look.shape.spacing, mood.turn), -0.14, flip=side < 0
        )
        inner = (-0.2, 0.02 - 0.13 * mood.brow)
        outer = (0.24, 0.06 + 0.07 * mood.brow - look.shape.brow_rise)
        brow = quadratic_bezier(inner, (0.05, -0.08 - 0.04 * mood.brow), outer)
        width = (2.2 if look.is_boy else 1.5) * look.shape.brow
        local.stroke(brow, colour, width=width, taper=(0.9, 1.0, 0.2), alpha=0.8)


def _draw_mouth(
    canvas: Canvas, look: CharacterDesign, style: Style, mood: Expression, state: Mouth
) -> None:
    x = _project_x(0.0, mood.turn) + 0.02 * mood.turn
    local = canvas.with_transform(x, MOUTH_LINE)
    ink = mix_colours(style.ink_colour(look.skin), (96, 30, 34), 0.5)
    lift = 0.09 * mood.smile
    wide = 0.16 * look.shape.mouth
    if state == "closed":
        local.stroke(
            quadratic_bezier((-wide, -lift), (0.0, lift * 1.4), (wide, -lift)),
            ink,
            width=1.3,
            taper=(0.6, 1.0, 0.6),
        )
        return
    drop = 0.12 if state == "half" else 0.27
    wide = (0.13 if state == "half" else 0.17) * look.shape.mouth
    shape = catmull_rom(
        [
            (-wide, -lift * 0.6),
            (0.0, -0.02),
            (wide, -lift * 0.6),
            (wide * 0.7, drop * 0.7),
            (0.0, drop),
            (-wide * 0.7, drop * 0.7),
        ],
        closed=True,
        steps=6,
    )
    local.fill(shape, (126, 38, 46))
    inside = local.cover_mask(shape)
    local.fill(ellipse((0.0, drop * 1.05), (wide * 0.85, drop * 0.5)), (236, 122, 122), clip=inside)
    if state == "open":
        local.fill(ellipse((0.0, -0.06), (wide * 0.9, 0.1)), WHITE, clip=inside)
    local.draw_outline(shape, ink, width=0.8)


def draw_glasses(canvas: Canvas, look: CharacterDesign, mood: Expression) -> None:
    """Draw spectacles over the eyes."""
    ink = mix_colours(look.accent, (30, 24, 40), 0.6)
    for side in (-1, 1):
        x = _project_x(side * EYE_X, mood.turn)
        ring = catmull_rom(
            [
                (x - 0.32, EYE_LINE - 0.16),
                (x + 0.32, EYE_LINE - 0.16),
                (x + 0.29, EYE_LINE + 0.26),
                (x - 0.29, EYE_LINE + 0.26),
            ],
            closed=True,
        )
        canvas.draw_outline(ring, ink, width=1.2)
        canvas.fill(
            path(
                [
                    (x - 0.16, EYE_LINE - 0.15),
                    (x - 0.02, EYE_LINE - 0.15),
                    (x - 0.14, EYE_LINE + 0.2),
                    (x - 0.26, EYE_LINE + 0.2),
                ]
            ),
            (255, 255, 255),
            alpha=0.22,
        )
    bridge = _project_x(0.0, mood.turn)
    canvas.stroke(
        quadratic_bezier(
            (bridge - 0.13, EYE_LINE), (bridge, EYE_LINE - 0.06), (bridge + 0.13, EYE_LINE)
        ),
        ink,
        width=1.3,
        taper=(1, 1),
    )

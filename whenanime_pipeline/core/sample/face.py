"""Faces: head, ears, nose, and the parts that move (eyes, brows, mouth).

Head units as in `hair`. `turn` slides the features over the head, which reads as a head turned
by up to about thirty degrees.
"""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix
from whenanime_pipeline.core.sample.characters import Eyes, Look, Mood, Mouth
from whenanime_pipeline.core.sample.curves import Path, bend, ellipse, join, path, smooth
from whenanime_pipeline.core.sample.hair import front_shape
from whenanime_pipeline.core.sample.style import Style

WHITE: Colour = (252, 252, 255)
EYE_LINE = 0.3  # y of the eyes' centres
MOUTH_LINE = 0.82


def head_shape(look: Look, style: Style, turn: float) -> Path:
    """The outline of skull, cheeks and chin."""
    jaw = style.jaw * (1.0 if look.boy else 0.75)
    chin = 1.2 if look.boy else 1.13
    slide = 0.16 * turn
    cheek = 0.74 - 0.06 * jaw
    right = [(0.88, -0.3), (0.89, 0.15), (cheek + 0.08, 0.5), (cheek - 0.16 - 0.06 * jaw, 0.83),
             (0.24 - 0.1 * jaw, chin - 0.04)]  # fmt: skip
    left = [(-x, y) for x, y in reversed(right)]
    far, near = 1 - 0.05 * turn, 1 + 0.05 * turn
    points = [(0.0, -1.12)]
    points += [(x * near + slide * max(0.0, y), y) for x, y in right]
    points += [(slide, chin)]
    points += [(x * far + slide * max(0.0, y), y) for x, y in left]
    return smooth(points, closed=True, steps=8)


def draw_head(canvas: Canvas, look: Look, style: Style, mood: Mood) -> None:
    """Draw ears, head, the shadow of the fringe and the nose: all that does not move."""
    ink = style.ink(look.skin)
    shadow = style.dark(look.skin, 0.62)
    for side in (-1, 1):
        if side * mood.turn < 0.55:
            ear = ellipse((side * 0.92 - 0.1 * mood.turn, 0.36), (0.14, 0.24))
            canvas.shape(ear, look.skin, ink)
            canvas.fill(ellipse((side * 0.91 - 0.1 * mood.turn, 0.38), (0.07, 0.14)), shadow)
    head = head_shape(look, style, mood.turn)
    canvas.fill(head, look.skin)
    covered = canvas.mask(head)
    canvas.fill(front_shape(look, mood.turn) + np.array([0.05, 0.13]), shadow, clip=covered)
    if style.tones > 2:
        edge = smooth(
            [(0.95, -0.2), (0.7, 0.3), (0.6, 0.75), (0.12, 1.1), (0.1, 1.3), (1.0, 1.2)],
            closed=True,
        )
        canvas.fill(edge, style.dark(look.skin, 0.35), clip=covered, alpha=0.7)
    if mood.blush:
        for side in (-1, 1):
            x = _slid(side * 0.52, mood.turn)
            canvas.fill(
                ellipse((x, 0.64), (0.19, 0.09)),
                (246, 120, 120),
                alpha=0.45,
                clip=covered,
                soft=0.05,
            )
            for step in (-0.08, 0.0, 0.08):
                canvas.stroke(path([(x + step + 0.03, 0.59), (x + step - 0.03, 0.68)]), (222, 92, 92),
                              width=0.6, alpha=0.7, taper=(1, 1))  # fmt: skip
    canvas.outline(head, ink)
    nose = _slid(0.0, mood.turn) + 0.05 * mood.turn
    canvas.fill(
        path([(nose - 0.02, 0.56), (nose + 0.05, 0.6), (nose - 0.01, 0.63)]),
        style.dark(look.skin, 1.0),
    )
    if look.boy:
        canvas.stroke(
            bend((nose + 0.02, 0.42), (nose + 0.06, 0.52), (nose + 0.03, 0.6)), ink, width=0.7
        )


def _slid(x: float, turn: float) -> float:
    """Where a feature at x lies on a head turned this far."""
    return x * (1 - 0.1 * abs(turn)) + 0.24 * turn


def draw_features(
    canvas: Canvas, look: Look, style: Style, mood: Mood, eyes: Eyes, mouth: Mouth
) -> None:
    """Draw eyes and mouth in one of their states."""
    for side in (-1, 1):
        narrow = 1 - 0.2 * max(0.0, side * mood.turn)
        local = canvas.placed(_slid(side * 0.44, mood.turn), EYE_LINE, flip=side < 0)
        gaze = (mood.gaze[0] * side, mood.gaze[1])
        if eyes == "closed":
            _closed_eye(local, look, style, narrow, happy=mood.smile > 0.75)
        else:
            _open_eye(local, look, style, narrow, 1.0 if eyes == "open" else 0.55, gaze, side)
    _mouth(canvas, look, style, mood, mouth)


def draw_brows(canvas: Canvas, look: Look, style: Style, mood: Mood) -> None:
    """Draw the brows, which show through the fringe."""
    colour = mix(look.hair, (30, 20, 35), 0.5)
    for side in (-1, 1):
        local = canvas.placed(_slid(side * 0.44, mood.turn), -0.14, flip=side < 0)
        inner, outer = (-0.2, 0.02 - 0.13 * mood.brow), (0.24, 0.06 + 0.07 * mood.brow)
        brow = bend(inner, (0.05, -0.08 - 0.04 * mood.brow), outer)
        canvas_width = 2.2 if look.boy else 1.5
        local.stroke(brow, colour, width=canvas_width, taper=(0.9, 1.0, 0.2), alpha=0.8)


def _sizes(look: Look, style: Style, narrow: float) -> tuple[float, float]:
    height = style.eye_height * (0.78 if look.boy else 1.0)
    return style.eye_width * narrow, height


def _closed_eye(canvas: Canvas, look: Look, style: Style, narrow: float, *, happy: bool) -> None:
    width, _ = _sizes(look, style, narrow)
    ink = mix(style.ink(look.hair), (20, 12, 24), 0.6)
    half = width / 2 + 0.04
    bow = -0.14 if happy else 0.15
    canvas.stroke(bend((-half, 0.06), (0.0, 0.06 + 2 * bow), (half, 0.03)), ink, width=2.0,
                  taper=(0.5, 1.0, 0.7))  # fmt: skip
    if not happy:
        for step in (0.0, 0.06):
            canvas.stroke(
                path([(half - step, 0.05 + step), (half + 0.07 - step, 0.12 + step)]), ink
            )


def _open_eye(
    canvas: Canvas,
    look: Look,
    style: Style,
    narrow: float,
    lid: float,
    gaze: tuple[float, float],
    side: int,
) -> None:
    width, height = _sizes(look, style, narrow)
    half, tall = width / 2, height / 2
    top = tall - height * (1 - lid)
    ink = mix(style.ink(look.hair), (18, 10, 22), 0.65)
    upper = smooth([(-half, 0.22 * tall), (-half * 0.72, -top * 0.72), (-0.05, -top),
                    (half * 0.66, -top * 0.76), (half, -0.05 * tall)])  # fmt: skip
    lower = smooth([(half, -0.05 * tall), (half * 0.8, tall * 0.72), (0.0, tall * 0.98),
                    (-half * 0.72, tall * 0.78), (-half, 0.22 * tall)])  # fmt: skip
    opening = join([upper, lower])
    canvas.fill(opening, WHITE)
    inside = canvas.mask(opening)
    canvas.fill(upper + np.array([0.0, 0.0]), (196, 202, 224), clip=inside)
    shade = join([upper, upper[::-1] + np.array([0.0, 0.11])])
    canvas.fill(shade, (186, 194, 222), clip=inside)
    _iris(canvas, look, tall, half, gaze, inside, side)
    lash = join([upper[:1] + np.array([-0.03, 0.04]), upper, upper[-1:] + np.array([0.07, -0.02])])
    weight = 2.0 if look.boy else 2.7
    canvas.stroke(lash, ink, width=weight, taper=(0.35, 0.8, 1.0, 1.0, 0.55))
    if not look.boy:
        for step, rise in ((0.0, 0.09), (0.07, 0.12)):
            root = (half - step + 0.02, -0.05 * tall - step * 1.1)
            canvas.stroke(path([root, (root[0] + 0.09, root[1] - rise + 0.03)]), ink, width=1.1,
                          taper=(1.0, 0.2))  # fmt: skip
    canvas.stroke(lower[4:-6], ink, width=0.8, taper=(0.7, 0.25, 0.5))
    crease = upper[6:-4] * np.array([0.9, 1.0]) + np.array([0.03, -0.085])
    canvas.stroke(crease, style.ink(look.skin), width=0.7, taper=(0.2, 0.8, 0.2))


def _iris(
    canvas: Canvas,
    look: Look,
    tall: float,
    half: float,
    gaze: tuple[float, float],
    inside: np.ndarray,
    side: int,
) -> None:
    x, y = 0.26 * half * gaze[0] - 0.02, 0.04 + 0.16 * tall * gaze[1]
    wide, high = half * 0.72, tall * 0.93
    deep, bright = mix(look.eyes, (14, 8, 30), 0.68), mix(look.eyes, (255, 255, 245), 0.42)
    canvas.fill(ellipse((x, y), (wide, high)), mix(deep, (0, 0, 0), 0.35), clip=inside)
    ring = ellipse((x, y), (wide * 0.88, high * 0.91))
    canvas.gradient(ring, deep, bright, clip=inside)
    glow = ellipse((x, y + high * 0.5), (wide * 0.56, high * 0.33))
    canvas.fill(glow, mix(look.eyes, (255, 255, 235), 0.62), clip=inside, alpha=0.75)
    canvas.fill(ellipse((x, y), (wide * 0.4, high * 0.45)), mix(deep, (0, 0, 0), 0.55), clip=inside)
    spark = -0.34 * side  # the light falls from one side on both eyes
    canvas.fill(
        ellipse((x + spark * wide * 1.1, y - high * 0.46), (wide * 0.36, high * 0.28)),
        (255, 255, 255),
        clip=inside,
    )
    canvas.fill(
        ellipse((x - spark * wide * 1.2, y + high * 0.42), (wide * 0.17, high * 0.13)),
        (255, 255, 255),
        clip=inside,
    )


def _mouth(canvas: Canvas, look: Look, style: Style, mood: Mood, state: Mouth) -> None:
    x = _slid(0.0, mood.turn) + 0.02 * mood.turn
    local = canvas.placed(x, MOUTH_LINE)
    ink = mix(style.ink(look.skin), (96, 30, 34), 0.5)
    lift = 0.09 * mood.smile
    wide = 0.16
    if state == "closed":
        local.stroke(bend((-wide, -lift), (0.0, lift * 1.4), (wide, -lift)), ink, width=1.3,
                     taper=(0.6, 1.0, 0.6))  # fmt: skip
        return
    drop = 0.12 if state == "half" else 0.27
    wide = 0.13 if state == "half" else 0.17
    shape = smooth(
        [(-wide, -lift * 0.6), (0.0, -0.02), (wide, -lift * 0.6), (wide * 0.7, drop * 0.7),
         (0.0, drop), (-wide * 0.7, drop * 0.7)],
        closed=True, steps=6,
    )  # fmt: skip
    local.fill(shape, (126, 38, 46))
    inside = local.mask(shape)
    local.fill(ellipse((0.0, drop * 1.05), (wide * 0.85, drop * 0.5)), (236, 122, 122), clip=inside)
    if state == "open":
        local.fill(ellipse((0.0, -0.06), (wide * 0.9, 0.1)), WHITE, clip=inside)
    local.outline(shape, ink, width=0.8)


def draw_glasses(canvas: Canvas, look: Look, style: Style, mood: Mood) -> None:
    """Draw spectacles over the eyes."""
    ink = mix(look.accent, (30, 24, 40), 0.6)
    for side in (-1, 1):
        x = _slid(side * 0.44, mood.turn)
        ring = smooth(
            [(x - 0.32, EYE_LINE - 0.16), (x + 0.32, EYE_LINE - 0.16), (x + 0.29, EYE_LINE + 0.26),
             (x - 0.29, EYE_LINE + 0.26)],
            closed=True,
        )  # fmt: skip
        canvas.outline(ring, ink, width=1.2)
        canvas.fill(path([(x - 0.16, EYE_LINE - 0.15), (x - 0.02, EYE_LINE - 0.15),
                          (x - 0.14, EYE_LINE + 0.2), (x - 0.26, EYE_LINE + 0.2)]),
                    (255, 255, 255), alpha=0.22)  # fmt: skip
    bridge = _slid(0.0, mood.turn)
    canvas.stroke(bend((bridge - 0.13, EYE_LINE), (bridge, EYE_LINE - 0.06), (bridge + 0.13, EYE_LINE)),
                  ink, width=1.3, taper=(1, 1))  # fmt: skip

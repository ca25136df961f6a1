"""Draws arms and legs, standing or walking. Head units."""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix_colours
from whenanime_pipeline.core.sample.characters import CharacterDesign
from whenanime_pipeline.core.sample.curves import (
    Path,
    catmull_rom,
    ellipse,
    join_paths,
    outline_stroke,
    path,
)
from whenanime_pipeline.core.sample.pose import (
    HIP,
    SOLE,
    WALK_STEPS,
    Pose,
    limb_swing,
    shoulder_half_width,
)
from whenanime_pipeline.core.sample.style import Style


def draw_arm(
    canvas: Canvas, look: CharacterDesign, style: Style, side: int, arm: str, swing: float
) -> None:
    """Draw an arm with its hand; `arm` as in `Pose`, `swing` from `limb_swing`."""
    wide = shoulder_half_width(look) - 0.22
    shoulder = (side * wide, 1.98)
    if arm == "raised":
        elbow, hand = (side * (wide + 0.42), 3.3), (side * (wide + 0.62), 1.75)
    elif arm == "akimbo":
        elbow, hand = (side * (wide + 0.95), 3.2), (side * 1.0, 4.05)
    else:
        elbow = (side * (wide + 0.22) + 0.35 * swing, 3.3)
        hand = (side * (wide + 0.2) + 0.85 * swing, 4.75)
    sleeves: Colour = look.cloth if look.outfit != "shirt" else look.skin
    _hand(canvas, look, style, hand, side, spread=arm == "raised")
    flare = 0.62 if look.outfit in ("yukata", "hoodie") else 0.46
    if arm == "down":
        limb = catmull_rom([shoulder, elbow, hand], steps=10)
        _sleeve(canvas, style, sleeves, limb[: int(len(limb) * 0.93)], (0.5, 0.56, flare))
        return
    upper, fore = path([shoulder, elbow]), path([elbow, hand])
    _sleeve(canvas, style, sleeves, catmull_rom(upper), (0.5, 0.58))
    canvas.draw_shape(ellipse(elbow, (0.28, 0.28)), sleeves, style.ink_colour(sleeves))
    _sleeve(
        canvas,
        style,
        sleeves,
        catmull_rom(path([fore[0], fore[0] + 0.86 * (fore[1] - fore[0])])),
        (0.56, flare),
    )
    canvas.fill(ellipse(elbow, (0.24, 0.24)), sleeves)


def _sleeve(
    canvas: Canvas, style: Style, colour: Colour, limb: Path, widths: tuple[float, ...]
) -> None:
    """Draw a piece of sleeve with an open start, which joins it to the previous piece."""
    outline = outline_stroke(limb, widths)
    canvas.fill(outline, colour)
    shade = outline_stroke(limb, np.asarray(widths) * 0.4) + np.array([0.2, 0.06])
    canvas.fill(shade, style.darken_colour(colour, 0.8), clip=canvas.cover_mask(outline))
    bare = max(1, len(limb) // 8)
    edge = join_paths([outline[bare : len(limb)], outline[len(limb) : -bare]])
    canvas.stroke(edge, style.ink_colour(colour), taper=(0.1, 1, 1, 1, 1, 1, 0.1))


def _hand(
    canvas: Canvas,
    look: CharacterDesign,
    style: Style,
    at: tuple[float, float],
    side: int,
    *,
    spread: bool,
) -> None:
    ink = style.ink_colour(look.skin)
    canvas.draw_shape(ellipse(at, (0.24, 0.27)), look.skin, ink)
    if not spread:
        return
    for number in range(4):
        angle = np.radians(-90 + side * (24 * number - 40))
        tip = (at[0] + 0.5 * np.cos(angle), at[1] + 0.5 * np.sin(angle))
        finger = catmull_rom(outline_stroke(path([at, tip]), (0.18, 0.13)), closed=True)
        canvas.draw_shape(finger, look.skin, ink, width=0.8)
    canvas.fill(ellipse(at, (0.21, 0.23)), look.skin)


def draw_legs(canvas: Canvas, look: CharacterDesign, style: Style, pose: Pose) -> None:
    """Draw legs, shoes and skirt."""
    swing = limb_swing(pose)
    lift = 0.0 if pose.step is None else float(np.cos(2 * np.pi * pose.step / WALK_STEPS))
    trousers = look.is_boy or look.outfit in ("hoodie", "jacket")
    cloth: Colour = style.darken_colour(mix_colours(look.cloth, (60, 62, 84), 0.7), 0.2)
    legs: Colour = cloth if trousers else look.skin
    wide = (1.0, 0.8, 0.62) if trousers else (0.78, 0.56, 0.4)
    for side in (-1, 1):
        stride = swing * side
        hip, rise = (side * 0.46, HIP - 0.2), 0.7 * max(0.0, lift * side)
        knee = (side * 0.42 + 0.62 * stride + 0.35 * rise, 6.9 - 0.2 * rise)
        foot = (side * 0.42 + 1.0 * stride - 0.5 * rise, SOLE - 0.34 - rise)
        limb = outline_stroke(catmull_rom([hip, knee, foot]), wide)
        tone = style.darken_colour(legs, 0.7) if side < 0 else legs
        canvas.draw_shape(limb, tone, style.ink_colour(legs))
        if not trousers:
            sock = outline_stroke(catmull_rom([knee, foot])[4:], (0.58, 0.44))
            canvas.draw_shape(
                sock, mix_colours(look.accent, (40, 40, 60), 0.5), style.ink_colour(look.accent)
            )
        shoe = catmull_rom(
            [
                (foot[0] - 0.3, foot[1]),
                (foot[0] + 0.25, foot[1] - 0.05),
                (foot[0] + 0.55, foot[1] + 0.32),
                (foot[0] - 0.32, foot[1] + 0.34),
            ],
            closed=True,
        )
        canvas.draw_shape(shoe, (96, 62, 52), style.ink_colour((96, 62, 52)))
    if not trousers:
        hem = 6.7 if look.outfit in ("dress", "sailor", "blazer") else SOLE - 1.0
        spread = 1.75 if hem < 8 else 1.2
        skirt_colour = look.cloth if look.outfit in ("dress", "yukata") else look.accent
        skirt = path(
            [
                (-1.0, HIP - 0.3),
                (1.0, HIP - 0.3),
                (spread + 0.15 * swing, hem),
                (-spread + 0.15 * swing, hem),
            ]
        )
        canvas.draw_shape(skirt, skirt_colour, style.ink_colour(skirt_colour))
        covered = canvas.cover_mask(skirt)
        for place in np.linspace(-0.8, 0.8, 6):
            fold = path(
                [
                    (place * 0.9, HIP - 0.2),
                    (place * spread * 1.1, hem),
                    (place * spread * 1.1 + 0.2, hem),
                ]
            )
            canvas.fill(fold, style.darken_colour(skirt_colour, 0.8), clip=covered)
        canvas.draw_outline(skirt, style.ink_colour(skirt_colour))

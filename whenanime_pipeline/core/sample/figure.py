"""Bodies: neck, shoulders, clothes, arms and a walk, below a head drawn by `face` and `hair`.

Head units again; the body hangs from the neck at (0, 1).
"""

from dataclasses import dataclass

import numpy as np

from whenanime_pipeline.core.sample import face, hair
from whenanime_pipeline.core.sample.canvas import Canvas, Colour, Picture, mix, over
from whenanime_pipeline.core.sample.characters import Eyes, Look, Mood, Mouth
from whenanime_pipeline.core.sample.curves import (
    Path,
    bend,
    ellipse,
    join,
    mirror,
    path,
    ribbon,
    smooth,
)
from whenanime_pipeline.core.sample.style import Style

HEAD_BOX = (-1.16, -1.42, 1.16, 1.2)  # left, top, right, bottom of crown to chin, in head units
HIP = 4.7
SOLE = 9.6
STEPS = 8  # drawings in one walk cycle


@dataclass(frozen=True)
class Pose:
    """What the body does.

    Attributes:
        arm: "down", "raised" (a hand beside the face) or "akimbo".
        step: None standing, else which of the walk's `STEPS` drawings.
    """

    arm: str = "down"
    step: int | None = None


STANDING = Pose()


def _shoulders(look: Look) -> float:
    return 1.5 if look.boy else 1.22


def torso_shape(look: Look) -> Path:
    """The outline of shoulders to hip."""
    wide = _shoulders(look)
    waist = 1.0 if look.boy else 0.78
    hip = 1.05 if look.boy else 1.0
    loose = 0.18 if look.outfit in ("hoodie", "jacket") else 0.0
    right = smooth(
        [(0.34, 1.36), (0.8, 1.52), (wide, 1.78), (wide - 0.06, 2.5), (waist + 0.12 + loose, 3.2),
         (waist + loose, 3.7), (hip + loose, HIP)]
    )  # fmt: skip
    return join([right, mirror(right)])


def draw_body(canvas: Canvas, look: Look, style: Style, pose: Pose) -> None:
    """Draw everything from the neck down."""
    _legs(canvas, look, style, pose)
    swing = _swing(pose)
    _arm(canvas, look, style, -1, "down", -swing)
    if pose.step is None:
        _arm(canvas, look, style, 1, pose.arm, swing)
    torso = torso_shape(look)
    ink = style.ink(look.cloth)
    canvas.fill(torso, look.cloth)
    covered = canvas.mask(torso)
    _torso_tones(canvas, look, style, covered)
    _clothes(canvas, look, style, covered)
    canvas.outline(torso, ink)
    _neck(canvas, look, style)
    _collar(canvas, look, style)
    if pose.step is not None:
        _arm(canvas, look, style, 1, "down", swing)


def _swing(pose: Pose) -> float:
    return 0.0 if pose.step is None else float(np.sin(2 * np.pi * pose.step / STEPS))


def _torso_tones(canvas: Canvas, look: Look, style: Style, covered: np.ndarray) -> None:
    dark = style.dark(look.cloth, 0.8)
    wide = _shoulders(look)
    side = smooth(
        [
            (wide + 0.2, 1.6),
            (wide - 0.32, 2.1),
            (wide - 0.5, 3.0),
            (0.5, 3.8),
            (0.72, 5.0),
            (2.0, 5.0),
        ],
        closed=True,
    )
    canvas.fill(side, dark, clip=covered)
    canvas.fill(
        smooth([(-0.6, 1.3), (0.0, 2.05), (0.7, 1.3), (0.0, 1.1)], closed=True), dark, clip=covered
    )
    for x, y in ((-0.9, 2.6), (-0.55, 3.5), (0.2, 3.7)):
        canvas.stroke(
            bend((x, y), (x + 0.2, y + 0.12), (x + 0.45, y + 0.02)),
            style.ink(look.cloth),
            width=0.7,
            alpha=0.7,
        )


def _neck(canvas: Canvas, look: Look, style: Style) -> None:
    wide = 0.36 if look.boy else 0.28
    right = smooth([(wide, 0.7), (wide, 1.2), (wide + 0.2, 1.45)])
    throat = join([right, [(0.0, 1.78)], mirror(right)])
    canvas.shape(throat, look.skin, style.ink(look.skin))
    covered = canvas.mask(throat)
    canvas.fill(ellipse((0.08, 1.0), (0.5, 0.36)), style.dark(look.skin, 0.8), clip=covered)


def _collar(canvas: Canvas, look: Look, style: Style) -> None:
    """Draw what lies over the neck: collars, ties, ribbons, hoods."""
    white: Colour = (246, 246, 250)
    if look.outfit == "sailor":
        for side in (-1, 1):
            flap = path(
                [
                    (side * 0.3, 1.3),
                    (side * 0.95, 1.55),
                    (side * 0.85, 2.15),
                    (0.0, 2.5),
                    (side * 0.26, 1.9),
                ]
            )
            canvas.shape(flap, look.accent, style.ink(look.accent))
            line = path([(side * 0.86, 1.6), (side * 0.77, 2.08), (side * 0.04, 2.38)])
            canvas.stroke(line, white, width=1.2, taper=(1, 1))
        _bow(canvas, style, mix(look.accent, (230, 60, 70), 0.6), (0.0, 2.5))
    elif look.outfit in ("blazer", "shirt"):
        for side in (-1, 1):
            flap = path([(side * 0.3, 1.22), (side * 0.56, 1.46), (side * 0.34, 1.92), (0.0, 1.7)])
            canvas.shape(flap, white, style.ink(white))
        if look.outfit == "blazer":
            tie = path([(-0.1, 1.7), (0.1, 1.7), (0.16, 2.7), (0.0, 2.95), (-0.16, 2.7)])
            canvas.shape(tie, look.accent, style.ink(look.accent))
    elif look.outfit in ("hoodie", "jacket"):
        for side in (-1, 1):
            hood = smooth(
                [
                    (side * 0.28, 1.2),
                    (side * 0.72, 1.2),
                    (side * 0.86, 1.6),
                    (side * 0.36, 2.0),
                    (side * 0.1, 1.9),
                ],
                closed=True,
            )
            canvas.shape(hood, style.dark(look.cloth, 0.35), style.ink(look.cloth))
        for side in (-1, 1):
            cord = bend((side * 0.22, 1.9), (side * 0.3, 2.3), (side * 0.24, 2.7))
            canvas.stroke(cord, white, width=1.5, taper=(1, 1))
    elif look.outfit == "yukata":
        for side, tip in ((1, (-0.55, 3.1)), (-1, (0.6, 3.2))):
            lapel = ribbon(bend((side * 0.42, 1.3), (side * 0.2, 2.0), tip), (0.3, 0.3))
            canvas.shape(lapel, look.accent, style.ink(look.accent))
    else:
        yoke = smooth([(0.42, 1.36), (0.0, 2.0), (-0.42, 1.36)])
        canvas.stroke(yoke, white, width=3.2, taper=(0.6, 1, 0.6))
        _bow(canvas, style, look.accent, (0.0, 2.1))


def _bow(canvas: Canvas, style: Style, colour: Colour, centre: tuple[float, float]) -> None:
    x, y = centre
    ink = style.ink(colour)
    for side in (-1, 1):
        tail = path([(x, y), (x + side * 0.34, y + 0.72), (x + side * 0.12, y + 0.66)])
        canvas.shape(tail, style.dark(colour, 0.5), ink)
        wing = smooth(
            [(x, y), (x + side * 0.5, y - 0.24), (x + side * 0.52, y + 0.24)], closed=True
        )
        canvas.shape(wing, colour, ink)
    canvas.shape(ellipse(centre, (0.12, 0.14)), style.dark(colour, 0.4), ink)


def _clothes(canvas: Canvas, look: Look, style: Style, covered: np.ndarray) -> None:
    """Draw what lies on the torso's cloth."""
    ink = style.ink(look.cloth)
    white: Colour = (246, 246, 250)
    if look.outfit in ("blazer", "jacket"):
        inner = white if look.outfit == "blazer" else look.accent
        gap = 0.42 if look.outfit == "blazer" else 0.5
        panel = path([(-gap, 1.3), (gap, 1.3), (0.16, 3.3), (0.2, 5.0), (-0.2, 5.0), (-0.16, 3.3)])
        canvas.fill(panel, inner, clip=covered)
        canvas.stroke(
            path([(-gap, 1.3), (-0.16, 3.3), (-0.2, 5.0)]), ink, taper=(1, 1), clip=covered
        )
        canvas.stroke(path([(gap, 1.3), (0.16, 3.3), (0.2, 5.0)]), ink, taper=(1, 1), clip=covered)
    elif look.outfit == "yukata":
        rng = np.random.default_rng([look.seed, 5])
        for _ in range(9):
            spot = (float(rng.uniform(-1.1, 1.1)), float(rng.uniform(1.7, 4.4)))
            for petal in range(5):
                angle = petal * 2 * np.pi / 5
                at = (spot[0] + 0.11 * np.cos(angle), spot[1] + 0.11 * np.sin(angle))
                canvas.fill(
                    ellipse(at, (0.08, 0.08), steps=12), look.accent, clip=covered, alpha=0.8
                )
        canvas.fill(path([(-2, 3.25), (2, 3.25), (2, 4.05), (-2, 4.05)]), look.accent, clip=covered)
    elif look.outfit == "hoodie":
        pocket = path([(-0.5, 3.6), (0.5, 3.6), (0.75, 4.5), (-0.75, 4.5)])
        canvas.stroke(join([pocket, pocket[:1]]), ink, width=0.8, taper=(1, 1), clip=covered)
    elif look.outfit == "dress":
        canvas.fill(path([(-2, 3.5), (2, 3.5), (2, 3.75), (-2, 3.75)]), look.accent, clip=covered)


def _arm(canvas: Canvas, look: Look, style: Style, side: int, arm: str, swing: float) -> None:
    wide = _shoulders(look) - 0.22
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
        limb = smooth([shoulder, elbow, hand], steps=10)
        _sleeve(canvas, style, sleeves, limb[: int(len(limb) * 0.93)], (0.5, 0.56, flare))
        return
    upper, fore = path([shoulder, elbow]), path([elbow, hand])
    _sleeve(canvas, style, sleeves, smooth(upper), (0.5, 0.58))
    canvas.shape(ellipse(elbow, (0.28, 0.28)), sleeves, style.ink(sleeves))
    _sleeve(canvas, style, sleeves, smooth(path([fore[0], fore[0] + 0.86 * (fore[1] - fore[0])])), (0.56, flare))
    canvas.fill(ellipse(elbow, (0.24, 0.24)), sleeves)


def _sleeve(
    canvas: Canvas, style: Style, colour: Colour, limb: Path, widths: tuple[float, ...]
) -> None:
    """Draw a piece of sleeve, its start left open so that it grows out of what it hangs on."""
    outline = ribbon(limb, widths)
    canvas.fill(outline, colour)
    shade = ribbon(limb, np.asarray(widths) * 0.4) + np.array([0.2, 0.06])
    canvas.fill(shade, style.dark(colour, 0.8), clip=canvas.mask(outline))
    bare = max(1, len(limb) // 8)
    edge = join([outline[bare : len(limb)], outline[len(limb) : -bare]])
    canvas.stroke(edge, style.ink(colour), taper=(0.1, 1, 1, 1, 1, 1, 0.1))


def _hand(
    canvas: Canvas,
    look: Look,
    style: Style,
    at: tuple[float, float],
    side: int,
    *,
    spread: bool,
) -> None:
    ink = style.ink(look.skin)
    canvas.shape(ellipse(at, (0.24, 0.27)), look.skin, ink)
    if not spread:
        return
    for number in range(4):
        angle = np.radians(-90 + side * (24 * number - 40))
        tip = (at[0] + 0.5 * np.cos(angle), at[1] + 0.5 * np.sin(angle))
        finger = smooth(ribbon(path([at, tip]), (0.18, 0.13)), closed=True)
        canvas.shape(finger, look.skin, ink, width=0.8)
    canvas.fill(ellipse(at, (0.21, 0.23)), look.skin)


def _legs(canvas: Canvas, look: Look, style: Style, pose: Pose) -> None:
    swing = _swing(pose)
    lift = 0.0 if pose.step is None else float(np.cos(2 * np.pi * pose.step / STEPS))
    trousers = look.boy or look.outfit in ("hoodie", "jacket")
    cloth: Colour = style.dark(mix(look.cloth, (60, 62, 84), 0.7), 0.2)
    legs: Colour = cloth if trousers else look.skin
    wide = (1.0, 0.8, 0.62) if trousers else (0.78, 0.56, 0.4)
    for side in (-1, 1):
        stride = swing * side
        hip, rise = (side * 0.46, HIP - 0.2), 0.7 * max(0.0, lift * side)
        knee = (side * 0.42 + 0.62 * stride + 0.35 * rise, 6.9 - 0.2 * rise)
        foot = (side * 0.42 + 1.0 * stride - 0.5 * rise, SOLE - 0.34 - rise)
        limb = ribbon(smooth([hip, knee, foot]), wide)
        tone = style.dark(legs, 0.7) if side < 0 else legs
        canvas.shape(limb, tone, style.ink(legs))
        if not trousers:
            sock = ribbon(smooth([knee, foot])[4:], (0.58, 0.44))
            canvas.shape(sock, mix(look.accent, (40, 40, 60), 0.5), style.ink(look.accent))
        shoe = smooth(
            [
                (foot[0] - 0.3, foot[1]),
                (foot[0] + 0.25, foot[1] - 0.05),
                (foot[0] + 0.55, foot[1] + 0.32),
                (foot[0] - 0.32, foot[1] + 0.34),
            ],
            closed=True,
        )
        canvas.shape(shoe, (96, 62, 52), style.ink((96, 62, 52)))
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
        canvas.shape(skirt, skirt_colour, style.ink(skirt_colour))
        covered = canvas.mask(skirt)
        for place in np.linspace(-0.8, 0.8, 6):
            fold = path(
                [
                    (place * 0.9, HIP - 0.2),
                    (place * spread * 1.1, hem),
                    (place * spread * 1.1 + 0.2, hem),
                ]
            )
            canvas.fill(fold, style.dark(skirt_colour, 0.8), clip=covered)
        canvas.outline(skirt, style.ink(skirt_colour))


@dataclass(frozen=True)
class Drawn:
    """A character drawn but for what moves in the face.

    Attributes:
        under: canvas with body and head.
        front: canvas with the hair that falls over the face, alone.
        head: the canvas's unit turned to the head's.
    """

    look: Look
    style: Style
    mood: Mood
    under: Canvas
    front: Canvas

    def cell(self, eyes: Eyes, mouth: Mouth) -> Picture:
        """The finished cell in one state of the face: premultiplied RGBA (h, w, 4)."""
        canvas = self.under.copy()
        head = canvas.placed(0.0, 0.9, degrees=self.mood.tilt).placed(0.0, -0.9)
        face.draw_features(head, self.look, self.style, self.mood, eyes, mouth)
        over(canvas.pixels, self.front.pixels, 0, 0)
        face.draw_brows(head, self.look, self.style, self.mood)
        if self.look.ornament == "glasses":
            face.draw_glasses(head, self.look, self.style, self.mood)
        return canvas.finished()


def draw_character(canvas: Canvas, look: Look, style: Style, mood: Mood, pose: Pose) -> Drawn:
    """Draw a character on a blank canvas whose unit is the head's.

    Returns:
        The drawing, whose `cell` gives each state of eyes and mouth.
    """
    head = canvas.placed(0.0, 0.9, degrees=mood.tilt).placed(0.0, -0.9)
    hair.draw_back_hair(head, look, style)
    draw_body(canvas, look, style, pose)
    face.draw_head(head, look, style, mood)
    blank = Canvas(np.zeros_like(canvas.pixels), head.matrix, canvas.pen, canvas.grade)
    hair.draw_front_hair(blank, look, style, mood.turn)
    return Drawn(look, style, mood, canvas, blank)

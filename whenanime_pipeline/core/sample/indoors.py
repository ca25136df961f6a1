"""Painted rooms. Units: the picture's height is 1, its width `wide`."""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix
from whenanime_pipeline.core.sample.curves import box, ellipse, path, smooth
from whenanime_pipeline.core.sample.light import Light, TimeOfDay
from whenanime_pipeline.core.sample.outdoors import sky
from whenanime_pipeline.core.sample.style import Style

Rng = np.random.Generator
WALLS: tuple[Colour, ...] = ((238, 228, 206), (212, 226, 226), (234, 214, 216), (220, 222, 238))
WOODS: tuple[Colour, ...] = ((190, 140, 92), (164, 112, 78), (214, 176, 128))


def _pick(rng: Rng, colours: tuple[Colour, ...]) -> Colour:
    return colours[int(rng.integers(len(colours)))]


def _window(canvas: Canvas, style: Style, light: Light, rng: Rng, area: tuple[float, float, float, float],
            time: TimeOfDay) -> None:  # fmt: skip
    """Draw a window with a view of the sky, two panes and a sill."""
    x0, y0, x1, y1 = area
    frame = light.lit((236, 236, 232))
    canvas.gradient(box(x0, y0, x1, y1), light.sky_top, light.sky_low)
    inside = canvas.mask(box(x0, y0, x1, y1))
    for _ in range(3):
        at = (float(rng.uniform(x0, x1)), float(rng.uniform(y0, y1)))
        for step in range(4):
            canvas.fill(ellipse((at[0] + 0.03 * step, at[1] - 0.008 * (step % 2)), (0.04, 0.022), steps=16),
                        light.cloud, clip=inside, alpha=0.9)  # fmt: skip
    canvas.fill(
        ellipse(((x0 + x1) / 2, y1 + 0.02), ((x1 - x0) * 0.6, (y1 - y0) * 0.25)),
        light.far(light.leaf, 0.35),
        clip=inside,
    )
    thick = 0.012
    for bar in (box(x0, y0, x0 + thick, y1), box(x1 - thick, y0, x1, y1), box(x0, y0, x1, y0 + thick),
                box((x0 + x1 - thick) / 2, y0, (x0 + x1 + thick) / 2, y1)):  # fmt: skip
        canvas.fill(bar, frame)
    canvas.outline(box(x0, y0, x1, y1), style.ink(frame), width=0.8)
    canvas.shape(box(x0 - 0.015, y1, x1 + 0.015, y1 + 0.025), frame, style.ink(frame), width=0.7)
    if time in ("day", "sunset", "dawn"):
        beam = path([(x0, y1), (x1, y1), (x1 + 0.3, 1.0), (x0 + 0.2, 1.0)])
        canvas.fill(beam, mix(light.sky_low, (255, 246, 214), 0.6), alpha=0.16, soft=0.01)


def classroom(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Windows, a blackboard or lockers, and rows of desks."""
    wall, wood = light.lit(_pick(rng, WALLS)), light.lit(_pick(rng, WOODS))
    canvas.gradient(box(0, 0, wide, 0.68), mix(wall, (255, 255, 255), 0.15), wall)
    canvas.fill(box(0, 0.5, wide, 0.68), mix(wall, wood, 0.45))
    canvas.gradient(box(0, 0.68, wide, 1), wood, style.dark(wood, 0.7))
    for x in np.linspace(-wide, 2 * wide, 24):
        canvas.stroke(
            path([(wide / 2 + (x - wide / 2) * 0.4, 0.68), (x, 1.0)]),
            style.dark(wood),
            width=0.6,
            taper=(0.5, 1),
        )
    split = wide * float(rng.uniform(0.45, 0.6))
    count = 3
    for number in range(count):
        x0 = 0.05 + number * (split - 0.08) / count
        _window(
            canvas, style, light, rng, (x0, 0.1, x0 + (split - 0.08) / count - 0.03, 0.48), time
        )
    board = light.lit((44, 92, 78))
    canvas.shape(
        box(split + 0.05, 0.14, wide - 0.04, 0.5), light.lit((150, 110, 76)), style.ink(wood)
    )
    canvas.fill(box(split + 0.07, 0.16, wide - 0.06, 0.48), board)
    for y in np.linspace(0.22, 0.42, 4):
        x = split + 0.1
        while x < wide - 0.2:
            length = float(rng.uniform(0.02, 0.07))
            canvas.stroke(
                path([(x, y), (x + length / 2, y + rng.uniform(-0.012, 0.012)), (x + length, y)]),
                (226, 236, 230),
                width=0.8,
                taper=(1, 1),
                alpha=0.8,
            )
            x += length + 0.016
    for row, (y, size) in enumerate(((0.66, 0.13), (0.76, 0.18), (0.9, 0.26))):
        for x in np.arange(0.04 + 0.1 * (row % 2), wide + 0.2, size * 2.2):
            for leg in (0.06, 0.94):
                canvas.stroke(
                    path([(x + size * leg, y), (x + size * leg, y + size * 0.8)]),
                    light.lit((120, 124, 132)),
                    width=1.6 + 0.6 * row,
                    taper=(1, 1),
                )
            top = path(
                [
                    (x, y),
                    (x + size, y),
                    (x + size * 1.12, y + size * 0.22),
                    (x - size * 0.12, y + size * 0.22),
                ]
            )
            desk = mix(wood, (255, 240, 210), 0.35)
            canvas.shape(top, desk, style.ink(wood), width=0.8)
            canvas.fill(
                box(x - size * 0.12, y + size * 0.22, x + size * 1.12, y + size * 0.3),
                style.dark(desk, 0.8),
            )


def bedroom(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """A bed, a shelf of books, a lamp and a window."""
    wall, wood = light.lit(_pick(rng, WALLS)), light.lit(_pick(rng, WOODS))
    cover = light.lit(
        _pick(rng, ((110, 150, 210), (230, 140, 150), (130, 190, 150), (240, 200, 110)))
    )
    canvas.gradient(box(0, 0, wide, 0.74), wall, style.dark(wall, 0.25))
    for x in np.arange(0, wide, 0.09):
        canvas.fill(box(x, 0, x + 0.03, 0.7), mix(wall, cover, 0.12))
    canvas.gradient(box(0, 0.74, wide, 1), wood, style.dark(wood, 0.7))
    canvas.fill(box(0, 0.7, wide, 0.74), mix(wall, (255, 255, 255), 0.4))
    x = wide * float(rng.uniform(0.32, 0.5))
    _window(canvas, style, light, rng, (x, 0.12, x + 0.42, 0.5), time)
    curtain = mix(cover, (255, 255, 255), 0.3)
    for side in (-1, 1):
        edge = x + 0.21 + side * 0.26
        drape = smooth(
            [(edge - 0.06, 0.07), (edge + 0.06, 0.07), (edge + 0.07, 0.56), (edge - 0.07, 0.56)],
            closed=True,
            steps=4,
        )
        canvas.shape(drape, curtain, style.ink(curtain), width=0.7)
        for fold in (-0.03, 0.0, 0.03):
            canvas.stroke(
                path([(edge + fold, 0.08), (edge + fold * 1.2, 0.55)]),
                style.dark(curtain),
                taper=(0.3, 1),
            )
    left = float(rng.uniform(0.03, 0.1))
    canvas.shape(box(left, 0.16, left + 0.34, 0.74), style.dark(wood, 0.3), style.ink(wood))
    for y in (0.19, 0.37, 0.55):
        canvas.fill(box(left + 0.02, y, left + 0.32, y + 0.155), style.dark(wood, 1.2))
        bx = left + 0.025
        while bx < left + 0.29:
            thick, tall = float(rng.uniform(0.012, 0.03)), float(rng.uniform(0.1, 0.145))
            hue = light.lit(tuple(int(v) for v in rng.integers(70, 230, 3)))  # type: ignore[arg-type]
            canvas.fill(box(bx, y + 0.155 - tall, bx + thick, y + 0.155), hue)
            bx += thick + 0.002
    bed = wide - 0.75 + float(rng.uniform(-0.08, 0.08))
    canvas.shape(box(bed, 0.62, wide + 0.1, 0.9), wood, style.ink(wood))
    canvas.shape(
        smooth(
            [
                (bed + 0.01, 0.64),
                (bed + 0.4, 0.6),
                (wide + 0.1, 0.6),
                (wide + 0.1, 0.84),
                (bed + 0.01, 0.84),
            ],
            closed=True,
        ),
        cover,
        style.ink(cover),
    )
    canvas.shape(
        ellipse((bed + 0.14, 0.62), (0.11, 0.05)), (246, 246, 250), style.ink((246, 246, 250))
    )
    glow = (wide * 0.86, 0.2)
    canvas.fill(ellipse(glow, (0.2, 0.2)), (255, 236, 170), alpha=0.35, soft=0.05)
    canvas.shape(
        path(
            [
                (glow[0] - 0.04, 0.16),
                (glow[0] + 0.04, 0.16),
                (glow[0] + 0.08, 0.25),
                (glow[0] - 0.08, 0.25),
            ]
        ),
        (250, 226, 160),
        style.ink(wood),
    )


def corridor(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """A school corridor in one-point perspective, windows on one side and doors on the other."""
    wall, wood = light.lit(_pick(rng, WALLS)), light.lit(_pick(rng, WOODS))
    at = (wide * float(rng.uniform(0.35, 0.65)), 0.45)

    def toward(x: float, y: float, t: float) -> tuple[float, float]:
        return x + (at[0] - x) * t, y + (at[1] - y) * t

    canvas.fill(path([(0, 0), (wide, 0), at]), mix(wall, (255, 255, 255), 0.4))
    canvas.fill(path([(0, 1), (wide, 1), at]), wood)
    canvas.fill(path([(0, 0), at, (0, 1)]), wall)
    canvas.fill(path([(wide, 0), at, (wide, 1)]), style.dark(wall, 0.4))
    for x in np.linspace(0, wide, 9):
        canvas.stroke(path([(x, 1), at]), style.dark(wood), width=0.7, taper=(1, 0.2))
    places = [0.0, 0.3, 0.5, 0.64, 0.74]
    flip = rng.random() < 0.5
    for near, far in zip(places, places[1:], strict=False):
        near, far = near + 0.02, far - 0.02
        side, other = (wide, 0.0) if flip else (0.0, wide)
        pane = path(
            [
                toward(side, 0.2, near),
                toward(side, 0.2, far),
                toward(side, 0.62, far),
                toward(side, 0.62, near),
            ]
        )
        canvas.gradient(pane, light.sky_top, light.sky_low)
        canvas.outline(pane, style.ink(wall))
        canvas.fill(path([toward(side, 1.0, near), toward(side, 1.0, far), toward(at[0], 1.0, far), toward(at[0], 1.0, near)]),
                    (255, 250, 220), alpha=0.18)  # fmt: skip
        door = path(
            [
                toward(other, 0.15, near),
                toward(other, 0.15, far),
                toward(other, 0.95, far),
                toward(other, 0.95, near),
            ]
        )
        tone = light.lit((150, 176, 164)) if (near * 10) % 2 < 1 else wood
        canvas.shape(door, tone, style.ink(tone))
        glass = path(
            [
                toward(other, 0.24, near + 0.03),
                toward(other, 0.24, far - 0.02),
                toward(other, 0.5, far - 0.02),
                toward(other, 0.5, near + 0.03),
            ]
        )
        canvas.shape(glass, light.window, style.ink(tone), width=0.7)
    end = [toward(0, 0, 0.8), toward(wide, 0, 0.8), toward(wide, 1, 0.8), toward(0, 1, 0.8)]
    canvas.shape(path(end), mix(wall, light.sky_low, 0.5), style.ink(wall))


def train(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """A train carriage: a long window over a bench, straps above."""
    wall = light.lit((224, 224, 216))
    canvas.fill(box(0, 0, wide, 1), wall)
    sky(canvas, light, rng, wide, 0.62, time)
    horizon = np.linspace(-0.1, wide + 0.1, 60)
    roofs = 0.5 + np.repeat(rng.uniform(-0.08, 0.03, 20), 3)
    canvas.fill(
        np.concatenate([np.stack([horizon, roofs], 1), [(wide + 0.1, 0.7), (-0.1, 0.7)]]),
        light.far(light.wall, 0.35),
    )
    canvas.fill(box(-0.1, 0, wide + 0.1, 0.14), wall)
    canvas.fill(box(-0.1, 0.6, wide + 0.1, 1.1), wall)
    for x in np.arange(float(rng.uniform(-0.3, 0)), wide, 0.62):
        canvas.fill(box(x, 0, x + 0.07, 0.7), wall)
        canvas.stroke(path([(x + 0.07, 0.14), (x + 0.07, 0.6)]), style.ink(wall), taper=(1, 1))
        canvas.stroke(path([(x, 0.14), (x, 0.6)]), style.ink(wall), taper=(1, 1))
    seat = light.lit(_pick(rng, ((60, 120, 92), (70, 92, 160), (168, 60, 70))))
    canvas.shape(box(-0.1, 0.66, wide + 0.1, 0.86), seat, style.ink(seat))
    canvas.fill(box(-0.1, 0.82, wide + 0.1, 0.9), style.dark(seat, 0.9))
    for x in np.arange(0, wide, 0.22):
        canvas.stroke(path([(x, 0.67), (x, 0.81)]), style.dark(seat), width=0.8, taper=(1, 1))
    canvas.gradient(box(-0.1, 0.9, wide + 0.1, 1.1), style.dark(wall, 0.6), style.dark(wall))
    canvas.stroke(
        path([(0, 0.06), (wide, 0.06)]), light.lit((150, 154, 160)), width=3, taper=(1, 1)
    )
    for x in np.arange(0.06, wide, 0.16):
        canvas.stroke(
            path([(x, 0.06), (x, 0.16)]), light.lit((110, 110, 116)), width=1.4, taper=(1, 1)
        )
        canvas.outline(ellipse((x, 0.2), (0.028, 0.036)), light.lit((240, 240, 244)), width=2.2)

"""Painted places under the sky. Units: the picture's height is 1, its width `wide`."""

import numpy as np

from whenanime_pipeline.core.sample.canvas import Canvas, Colour, mix
from whenanime_pipeline.core.sample.curves import (
    Path,
    bend,
    box,
    ellipse,
    join,
    path,
    ribbon,
    smooth,
)
from whenanime_pipeline.core.sample.light import Light, TimeOfDay
from whenanime_pipeline.core.sample.style import Style

Rng = np.random.Generator


def sky(canvas: Canvas, light: Light, rng: Rng, wide: float, low: float, time: TimeOfDay) -> None:
    """Draw the sky down to `low`, with sun, moon, stars and clouds as the time asks."""
    canvas.gradient(box(0, 0, wide, low), light.sky_top, light.sky_low)
    if time == "night":
        for x, y, size in rng.uniform([0, 0, 0.001], [wide, low * 0.8, 0.0042], (90, 3)):
            canvas.fill(ellipse((x, y), (size, size), steps=8), (240, 240, 255), alpha=0.9)
        moon = (float(rng.uniform(0.2, 0.8)) * wide, float(rng.uniform(0.12, 0.25)))
        canvas.fill(ellipse(moon, (0.16, 0.16)), (200, 210, 255), alpha=0.25, soft=0.05)
        canvas.fill(ellipse(moon, (0.075, 0.075)), (252, 246, 216))
    elif time in ("sunset", "dawn"):
        sun = (float(rng.uniform(0.2, 0.8)) * wide, low - float(rng.uniform(0.04, 0.2)))
        canvas.fill(ellipse(sun, (0.34, 0.3)), (255, 220, 150), alpha=0.5, soft=0.09)
        canvas.fill(ellipse(sun, (0.085, 0.085)), (255, 248, 214))
    count = int(rng.integers(2, 6)) if time != "overcast" else 9
    for _ in range(count):
        cloud(canvas, light, rng, (float(rng.uniform(0, wide)), float(rng.uniform(0.08, low * 0.8))),
              float(rng.uniform(0.1, 0.34)))  # fmt: skip


def cloud(canvas: Canvas, light: Light, rng: Rng, centre: tuple[float, float], size: float) -> None:
    """Draw a heap of a cloud with a flat, shaded foot."""
    puffs = int(rng.integers(5, 9))
    xs = np.sort(rng.uniform(-1, 1, puffs))
    shape = [ellipse((centre[0] + x * size, centre[1] - (1 - x * x) * size * 0.32 * rng.uniform(0.5, 1.1)),
                     (size * rng.uniform(0.26, 0.46), size * rng.uniform(0.2, 0.34))) for x in xs]  # fmt: skip
    foot = centre[1] + size * 0.1
    covered = canvas.mask(*shape)
    edge = canvas.mask(box(-1, -1, 9, foot))
    clip = np.minimum(covered, edge)
    canvas.fill(box(centre[0] - 2 * size, centre[1] - size, centre[0] + 2 * size, foot), light.cloud,
                clip=clip, alpha=0.96)  # fmt: skip
    shade = [puff + np.array([size * 0.06, size * 0.2]) for puff in shape]
    for puff in shade:
        canvas.fill(puff, light.cloud_shade, clip=clip, alpha=0.75, soft=size * 0.02)


def ridge(rng: Rng, wide: float, y: float, rough: float, steps: int = 9) -> Path:
    """A hilly horizon from left to right, closed along the bottom."""
    xs = np.linspace(-0.1, wide + 0.1, steps)
    ys = y + rng.uniform(-rough, rough, steps)
    return join([smooth(np.stack([xs, ys], axis=1)), [(wide + 0.1, 1.1), (-0.1, 1.1)]])


def tree(canvas: Canvas, style: Style, rng: Rng, foot: tuple[float, float], size: float,
         leaf: Colour) -> None:  # fmt: skip
    """Draw a broad tree: trunk and a crown of three tones."""
    x, y = foot
    bark = mix((104, 74, 60), leaf, 0.15)
    trunk = ribbon(path([(x, y), (x + 0.02 * size, y - 0.3 * size), (x, y - 0.6 * size)]),
                   (0.13 * size, 0.08 * size, 0.06 * size))  # fmt: skip
    canvas.shape(trunk, bark, style.ink(bark), width=0.7)
    for tone, rise, spread in ((style.dark(leaf, 0.8), 0.0, 1.0), (leaf, 0.09, 0.86),
                               (mix(leaf, (250, 250, 190), 0.3), 0.2, 0.55)):  # fmt: skip
        for _ in range(9):
            at = (
                x + rng.normal(0, 0.2) * size * spread,
                y - (0.72 + rise + rng.normal(0, 0.11)) * size,
            )
            radius = size * spread * rng.uniform(0.1, 0.21)
            bumps = radius * (1 + 0.14 * np.sin(np.arange(30) * 2 * np.pi / 30 * 7))
            angles = np.arange(30) * 2 * np.pi / 30
            canvas.fill(
                np.stack(
                    [at[0] + bumps * np.cos(angles), at[1] + bumps * 0.85 * np.sin(angles)], 1
                ),
                tone,
            )


def meadow(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Hills, a path and flowers under a large sky."""
    low = float(rng.uniform(0.55, 0.72))
    sky(canvas, light, rng, wide, low + 0.1, time)
    for distance, y in ((0.65, low - 0.06), (0.4, low), (0.15, low + 0.08)):
        canvas.fill(ridge(rng, wide, y, 0.05), light.far(light.leaf, distance))
    canvas.gradient(ridge(rng, wide, low + 0.15, 0.03), light.leaf, style.dark(light.leaf, 0.7))
    for _ in range(int(rng.integers(1, 4))):
        tree(
            canvas,
            style,
            rng,
            (float(rng.uniform(0, wide)), low + 0.17),
            float(rng.uniform(0.25, 0.5)),
            light.leaf,
        )
    bloom = light.lit(((250, 220, 90), (250, 150, 180), (250, 250, 250))[int(rng.integers(3))])
    for x, depth in rng.uniform([0, 0.2], [wide, 1], (140, 2)):
        y = low + 0.16 + depth**2 * (0.86 - low)
        canvas.stroke(
            path([(x, y), (x + 0.008, y - 0.03 * depth)]),
            style.dark(light.leaf, 0.9),
            taper=(1, 0.3),
        )
        if (x * 1000) % 3 < 1:
            canvas.fill(
                ellipse((x + 0.008, y - 0.03 * depth), (0.009 * depth, 0.007 * depth), steps=9),
                bloom,
            )


def forest(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Trunks in depth with shafts of light."""
    canvas.gradient(box(0, 0, wide, 1), light.far(light.leaf, 0.55), light.far(light.leaf, 0.3))
    ground = float(rng.uniform(0.7, 0.8))
    for layer, distance in enumerate((0.6, 0.4, 0.2, 0.0)):
        foot = ground - 0.06 + layer * 0.035
        colour = light.far(light.lit((88, 64, 56)), distance)
        for x in rng.uniform(0, wide, 9 - 2 * layer):
            girth = 0.022 + 0.018 * layer * rng.uniform(0.7, 1.3)
            lean = float(rng.uniform(-0.03, 0.03))
            trunk = ribbon(
                bend((x + lean, -0.05), (x, foot * 0.6), (x, foot + 0.02)),
                (girth, girth, girth * 1.7),
            )
            canvas.fill(trunk, colour)
            canvas.fill(
                trunk + np.array([girth * 0.35, 0]), style.dark(colour), clip=canvas.mask(trunk)
            )
        canvas.fill(ridge(rng, wide, foot, 0.012), light.far(light.leaf, distance * 0.7))
        leaf = light.far(style.dark(light.leaf, 0.25 * layer), distance)
        for x, y in rng.uniform([0, -0.04], [wide, 0.2 - 0.03 * layer], (30, 2)):
            canvas.fill(ellipse((x, y), (0.075, 0.045), steps=14), leaf)
    if time != "night":
        for x in rng.uniform(0, wide, 4):
            shaft = path([(x, 0), (x + 0.12, 0), (x - 0.12, 0.85), (x - 0.34, 0.85)])
            canvas.fill(shaft, (255, 250, 200), alpha=0.17, soft=0.012)
    for x, y in rng.uniform([0, ground + 0.06], [wide, 1.0], (60, 2)):
        blade = bend((x, y), (x, y - 0.04), (x + rng.uniform(-0.03, 0.03), y - 0.06))
        canvas.stroke(blade, style.dark(light.leaf, 0.9), width=1.6, taper=(1, 0.2))


def sea(canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay) -> None:
    """Sea and beach."""
    line = float(rng.uniform(0.42, 0.55))
    sky(canvas, light, rng, wide, line, time)
    for _ in range(int(rng.integers(0, 3))):
        x = float(rng.uniform(0, wide))
        isle = join(
            [
                smooth(
                    [
                        (x - 0.24, line),
                        (x - 0.1, line - 0.07),
                        (x + 0.05, line - 0.11),
                        (x + 0.22, line),
                    ]
                )
            ]
        )
        canvas.fill(isle, light.far(light.leaf, 0.55))
    deep, shore = light.lit((30, 108, 168)), light.lit((96, 196, 206))
    canvas.gradient(box(0, line, wide, 0.84), mix(deep, light.sky_low, 0.2), shore)
    for x, depth in rng.uniform([0, 0], [wide, 1], (130, 2)):
        y = line + 0.006 + depth**1.7 * 0.3
        half = 0.012 + 0.07 * depth
        canvas.stroke(bend((x - half, y), (x, y - 0.008 * depth), (x + half, y)), mix(light.sky_low, (255, 255, 255), 0.4),
                      width=0.6 + depth, taper=(0.1, 1, 0.1), alpha=0.75)  # fmt: skip
    sand = light.lit((236, 216, 170))
    canvas.fill(ridge(rng, wide, 0.8, 0.02), (250, 252, 255), alpha=0.85)
    canvas.gradient(ridge(rng, wide, 0.83, 0.018), sand, style.dark(sand, 0.5))


def _window_grid(canvas: Canvas, light: Light, rng: Rng, area: tuple[float, float, float, float],
                 lit: float, pane: float) -> None:  # fmt: skip
    x0, y0, x1, y1 = area
    for y in np.arange(y0 + pane * 0.8, y1 - pane, pane * 1.9):
        for x in np.arange(x0 + pane * 0.5, x1 - pane, pane * 1.5):
            on = rng.random() < lit
            colour = (
                (252, 222, 132)
                if on
                else mix(light.window if lit == 0 else light.sky_top, light.wall, 0.25)
            )
            canvas.fill(box(x, y, x + pane * 0.85, y + pane), colour)


def skyline(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Towers of a city behind a parapet."""
    sky(canvas, light, rng, wide, 0.95, time)
    lit = 0.55 if time == "night" else (0.25 if time == "sunset" else 0.0)
    for distance, top, width in ((0.72, 0.36, 0.1), (0.45, 0.46, 0.13), (0.12, 0.6, 0.19)):
        x = -0.05
        while x < wide:
            w, y = width * rng.uniform(0.6, 1.3), top + rng.uniform(-0.17, 0.14)
            wall = light.far(mix(light.wall, light.roof, float(rng.uniform(0, 0.45))), distance)
            canvas.fill(box(x, y, x + w, 1), wall)
            canvas.fill(box(x + w * 0.68, y, x + w, 1), style.dark(wall, 0.7))
            if distance < 0.7:
                _window_grid(canvas, light, rng, (x, y, x + w * 0.66, 0.98), lit, 0.024)
            if rng.random() < 0.35:
                canvas.fill(box(x + w * 0.3, y - 0.06, x + w * 0.33, y), wall)
            x += w + rng.uniform(-0.01, 0.02)
    wall = light.lit((150, 150, 162))
    canvas.shape(box(-0.1, 0.9, wide + 0.1, 1.1), wall, style.ink(wall))
    canvas.fill(box(-0.1, 0.9, wide + 0.1, 0.925), mix(wall, (255, 255, 255), 0.35))
    if rng.random() < 0.6:
        for x in np.arange(0, wide, 0.16):
            canvas.stroke(path([(x, 0.6), (x, 0.9)]), style.dark(wall), width=2.2, taper=(1, 1))
        for y in (0.6, 0.75):
            canvas.stroke(path([(0, y), (wide, y)]), style.dark(wall), width=2.2, taper=(1, 1))


def street(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """A street between houses, in one-point perspective."""
    vanish = (wide * float(rng.uniform(0.35, 0.65)), float(rng.uniform(0.5, 0.6)))
    sky(canvas, light, rng, wide, vanish[1] + 0.1, time)
    road = light.lit((132, 134, 144))

    def toward(x: float, y: float, t: float) -> tuple[float, float]:
        return x + (vanish[0] - x) * t, y + (vanish[1] - y) * t

    canvas.fill(path([(-0.6, 1.05), vanish, (wide + 0.6, 1.05)]), light.lit((176, 172, 168)))
    canvas.fill(path([(wide * 0.08, 1.05), vanish, (wide * 0.92, 1.05)]), road)
    for t in (0.05, 0.3, 0.48, 0.62, 0.72, 0.8):
        near, far = t, t + 0.12 * (1 - t)
        dash = [toward(wide * 0.49, 1.05, near), toward(wide * 0.51, 1.05, near),
                toward(wide * 0.51, 1.05, far), toward(wide * 0.49, 1.05, far)]  # fmt: skip
        canvas.fill(path(dash), (240, 240, 236))
    lit = time in ("night", "sunset")
    for edge in (-0.12, wide + 0.12):
        places = [0.86, 0.74, 0.6, 0.42, 0.18, -0.1]
        for far, near in zip(places, places[1:], strict=False):
            top = float(rng.uniform(-0.1, 0.12))
            base = (light.wall, light.roof, light.lit((206, 170, 140)), light.lit((150, 170, 190)))[
                int(rng.integers(4))
            ]
            wall = light.far(base, 0.5 * far)
            front = path(
                [
                    toward(edge, 1.0, near),
                    toward(edge, 1.0, far - 0.01),
                    toward(edge, top, far - 0.01),
                    toward(edge, top, near),
                ]
            )
            canvas.shape(front, wall, style.ink(wall), width=0.8)
            for u in np.linspace(near, far, 4)[:-1]:
                for v in (0.2, 0.42, 0.64):
                    u1, y0, y1 = (
                        u + (far - near) * 0.2,
                        top + (1 - top) * v,
                        top + (1 - top) * (v + 0.13),
                    )
                    pane = path(
                        [
                            toward(edge, y0, u + 0.012),
                            toward(edge, y0, u1),
                            toward(edge, y1, u1),
                            toward(edge, y1, u + 0.012),
                        ]
                    )
                    colour = (
                        (252, 220, 140)
                        if lit and rng.random() < 0.6
                        else light.far(light.window, 0.2)
                    )
                    canvas.shape(pane, colour, style.ink(wall), width=0.6)
        for t in (0.2, 0.55, 0.75):
            pole = [
                toward(edge * 0.9 + wide * 0.05, 0.98, t),
                toward(edge * 0.9 + wide * 0.05, 0.0, t),
            ]
            canvas.stroke(path(pole), light.lit((92, 88, 96)), width=4 * (1 - t), taper=(1, 1))
    for y in (0.02, 0.06):
        a, b = toward(-0.05, y, 0.2), toward(-0.05, y, 0.75)
        canvas.stroke(
            bend(a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + 0.05), b),
            (50, 48, 60),
            width=0.7,
            taper=(1, 0.5),
        )


def mountains(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Peaks with snow over a lake."""
    sky(canvas, light, rng, wide, 0.7, time)
    rock = light.lit((112, 122, 150))
    for distance, y, height in ((0.6, 0.62, 0.24), (0.3, 0.66, 0.34)):
        x = float(rng.uniform(-0.3, 0))
        while x < wide:
            half, top = float(rng.uniform(0.25, 0.45)), y - height * float(rng.uniform(0.6, 1.15))
            colour = light.far(rock, distance)
            peak = path([(x, y + 0.05), (x + half, top), (x + 2 * half, y + 0.05)])
            canvas.fill(peak, colour)
            inside = canvas.mask(peak)
            canvas.fill(
                path(
                    [
                        (x + half, top),
                        (x + half * 1.2, y),
                        (x + half * 0.9, y + 0.1),
                        (x + 2 * half, y + 0.1),
                    ]
                ),
                style.dark(colour, 0.8),
                clip=inside,
            )
            snow = (
                [(x, top - 0.1), (x, top + 0.1)]
                + [
                    (x + half * (0.2 + 0.2 * i), top + 0.1 + (0.05 if i % 2 else -0.01))
                    for i in range(9)
                ]
                + [(x + 2 * half, top - 0.1)]
            )
            canvas.fill(
                path(snow), light.far((246, 250, 255), distance * 0.5), clip=inside, alpha=0.9
            )
            x += half * float(rng.uniform(0.8, 1.4))
    canvas.fill(ridge(rng, wide, 0.68, 0.02), light.far(light.leaf, 0.25))
    for x in np.sort(rng.uniform(0, wide, 34)):
        size = float(rng.uniform(0.04, 0.1))
        canvas.fill(
            path([(x - size * 0.3, 0.74), (x, 0.74 - size), (x + size * 0.3, 0.74)]),
            light.far(style.dark(light.leaf, 0.8), 0.15),
        )
    water = mix(light.sky_low, light.lit((70, 140, 180)), 0.5)
    canvas.gradient(box(-0.1, 0.74, wide + 0.1, 1.1), water, style.dark(water, 0.7))
    for x, y in rng.uniform([0, 0.76], [wide, 1.0], (60, 2)):
        canvas.stroke(
            path([(x - 0.05, y), (x + 0.05, y)]),
            mix(light.sky_low, (255, 255, 255), 0.5),
            taper=(0, 1, 0),
            alpha=0.6,
        )


def shrine(
    canvas: Canvas, style: Style, light: Light, rng: Rng, wide: float, time: TimeOfDay
) -> None:
    """Steps up to a red gate among trees."""
    sky(canvas, light, rng, wide, 0.75, time)
    canvas.fill(ridge(rng, wide, 0.42, 0.07), light.far(light.leaf, 0.45))
    centre = wide * float(rng.uniform(0.35, 0.65))
    for side in (-1, 1):
        for step in range(4):
            tree(
                canvas,
                style,
                rng,
                (centre + side * (0.36 + 0.2 * step), 0.72 + 0.03 * step),
                float(rng.uniform(0.5, 0.8)),
                light.leaf,
            )
    canvas.fill(ridge(rng, wide, 0.7, 0.015), style.dark(light.leaf, 0.4))
    stone = light.lit((178, 176, 178))
    for step in range(9):
        y, half = 0.64 + 0.04 * step, 0.2 + 0.028 * step
        tread = box(centre - half, y, centre + half, y + 0.04)
        canvas.shape(tread, mix(stone, style.dark(stone), 0.5), style.ink(stone), width=0.5)
        canvas.fill(box(centre - half, y, centre + half, y + 0.016), stone)
    red = light.lit((206, 62, 48))
    for side in (-1, 1):
        canvas.shape(
            path(
                [
                    (centre + side * 0.23, 0.68),
                    (centre + side * 0.29, 0.68),
                    (centre + side * 0.25, 0.2),
                    (centre + side * 0.205, 0.2),
                ]
            ),
            red,
            style.ink(red),
        )
    canvas.shape(box(centre - 0.29, 0.28, centre + 0.29, 0.315), red, style.ink(red))
    beam = join(
        [
            bend((centre - 0.38, 0.14), (centre, 0.2), (centre + 0.38, 0.14)),
            bend((centre + 0.36, 0.22), (centre, 0.235), (centre - 0.36, 0.22)),
        ]
    )
    canvas.shape(beam, style.dark(red, 0.4), style.ink(red))

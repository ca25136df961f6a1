"""Figures: people in one look, machines in the other, as few shapes with a pose."""

from dataclasses import dataclass
from math import cos, sin

import cv2
import numpy as np

from benchmarks.support.themes.scenery import Image, Look, pick_colour

_DARK = (28, 26, 34)


@dataclass(frozen=True, slots=True)
class Figure:
    """A character of a series.

    Attributes:
        look: of the series.
        colours: BGR of skin, hair, clothes and legs, or of the parts of a machine.
        build: width of the body relative to its height.
        hair: which of the shapes of hair or aerial.
    """

    look: Look
    colours: tuple[list[int], list[int], list[int], list[int]]
    build: float
    hair: int


@dataclass(frozen=True, slots=True)
class Pose:
    """Where and how a figure stands.

    Attributes:
        x: middle of its head, in pixels.
        y: likewise.
        scale: height of the head in pixels.
        arms: angles of both arms, in radians.
        mouth: how far the mouth is open, from 0 to 1.
        gaze: sideways shift of the eyes, from -1 to 1.
    """

    x: float
    y: float
    scale: float
    arms: tuple[float, float]
    mouth: float
    gaze: float


def make_figure(look: Look, seed: int) -> Figure:
    """Return a character by its seed."""
    rng = np.random.default_rng([seed, 12])
    skin = pick_colour(rng, 0.06, 0.03, 0.9) if look == "painted" else pick_colour(rng, 0.5, 0.5, 1)
    hair, clothes, legs = (pick_colour(rng, 0.5, 0.5, light) for light in (0.5, 0.75, 0.35))
    build = float(rng.uniform(0.7, 1.5))
    return Figure(look, (skin, hair, clothes, legs), build, int(rng.integers(3)))


def draw_figure(canvas: Image, figure: Figure, pose: Pose) -> None:
    """Draw a figure into a picture."""
    if figure.look == "painted":
        _draw_person(canvas, figure, pose)
    else:
        _draw_machine(canvas, figure, pose)


def _point(x: float, y: float) -> tuple[int, int]:
    return round(x), round(y)


def _draw_arms(canvas: Image, figure: Figure, pose: Pose, shoulder: float, length: float) -> None:
    s = pose.scale
    for side, angle in zip((-1, 1), pose.arms, strict=True):
        begin = _point(pose.x + side * 0.5 * s * figure.build, pose.y + shoulder * s)
        end = _point(begin[0] + side * length * s * cos(angle), begin[1] + length * s * sin(angle))
        cv2.line(canvas, begin, end, figure.colours[2], max(2, int(s * 0.25)), cv2.LINE_AA)
        cv2.circle(canvas, end, max(2, int(s * 0.18)), figure.colours[0], -1, cv2.LINE_AA)


def _draw_person(canvas: Image, figure: Figure, pose: Pose) -> None:
    x, y, s = pose.x, pose.y, pose.scale
    skin, hair, clothes, legs = figure.colours
    wide = 0.55 * figure.build * s
    for side in (-1, 1):
        hip, foot = _point(x + side * 0.3 * wide, y + 2 * s), _point(x + side * wide / 2, y + 4 * s)
        cv2.line(canvas, hip, foot, legs, max(2, int(s * 0.35)), cv2.LINE_AA)
    top, low = y + 0.5 * s, y + 2.3 * s
    corners = [[x - wide * 0.7, top], [x + wide * 0.7, top], [x + wide, low], [x - wide, low]]
    cv2.fillConvexPoly(canvas, np.array(corners).astype(np.int32), clothes, cv2.LINE_AA)
    _draw_arms(canvas, figure, pose, 0.8, 1.2)
    lift = (0.55, 0.75, 1.3)[figure.hair]
    cv2.ellipse(
        canvas, _point(x, y), _point(s * 0.58, s * lift), 0, 150, 390, hair, -1, cv2.LINE_AA
    )
    cv2.ellipse(
        canvas, _point(x, y + 0.06 * s), _point(s * 0.44, s * 0.5), 0, 0, 360, skin, -1, cv2.LINE_AA
    )
    fringe = [[x - 0.5 * s, y - 0.1 * s], [x, y - 0.55 * s], [x + 0.5 * s, y - 0.1 * s]]
    cv2.fillConvexPoly(canvas, np.array(fringe).astype(np.int32), hair, cv2.LINE_AA)
    for side in (-1, 1):
        eye = _point(x + (side * 0.18 + 0.05 * pose.gaze) * s, y + 0.08 * s)
        cv2.circle(canvas, eye, max(1, int(s * 0.07)), _DARK, -1, cv2.LINE_AA)
    size = _point(max(1, s * 0.1), max(1, s * 0.14 * pose.mouth))
    cv2.ellipse(canvas, _point(x, y + 0.34 * s), size, 0, 0, 360, (50, 40, 130), -1)


def _draw_machine(canvas: Image, figure: Figure, pose: Pose) -> None:
    x, y, s = pose.x, pose.y, pose.scale
    shell, trim, body, base = figure.colours
    wide = 0.7 * figure.build * s
    low = [[x - wide, y + 3.2 * s], [x + wide, y + 3.2 * s], [x, y + 1.8 * s]]
    cv2.fillConvexPoly(canvas, np.array(low).astype(np.int32), base, cv2.LINE_AA)
    _draw_arms(canvas, figure, pose, 1.2, 1.5)
    cv2.rectangle(
        canvas, _point(x - wide, y + 0.6 * s), _point(x + wide, y + 2.3 * s), body, cv2.FILLED
    )
    cv2.rectangle(canvas, _point(x - wide, y + 0.6 * s), _point(x + wide, y + 2.3 * s), _DARK, 2)
    cv2.rectangle(
        canvas, _point(x - wide * 0.8, y - 0.5 * s), _point(x + wide * 0.8, y + 0.5 * s), shell, -1
    )
    for number in range(figure.hair + 1):
        tip = _point(x + (number - 1) * 0.5 * s, y - 1.1 * s)
        cv2.line(canvas, _point(x, y - 0.5 * s), tip, trim, 2, cv2.LINE_AA)
        cv2.circle(canvas, tip, max(2, int(s * 0.1)), trim, -1, cv2.LINE_AA)
    eye = _point(x + 0.2 * pose.gaze * s, y - 0.05 * s)
    cv2.circle(canvas, eye, max(2, int(s * 0.24)), (250, 250, 250), -1, cv2.LINE_AA)
    cv2.circle(canvas, eye, max(1, int(s * 0.1)), _DARK, -1, cv2.LINE_AA)
    size = _point(x + 0.3 * s, y + (0.32 + 0.12 * pose.mouth) * s)
    cv2.rectangle(canvas, _point(x - 0.3 * s, y + 0.28 * s), size, _DARK, -1)

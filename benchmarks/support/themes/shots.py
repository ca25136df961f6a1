"""Shots: a place, a camera that moves, figures that act; any drawing of them by its number."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import pi, sin
from typing import Literal, Protocol

import cv2
import numpy as np

from benchmarks.support.themes.figures import Figure, Pose, draw_figure, make_figure
from benchmarks.support.themes.scenery import (
    HEIGHT,
    HIGH,
    WIDE,
    WIDTH,
    Image,
    Look,
    Place,
    paint_place,
)

DRAWINGS = 8
"""Drawings a second, each shown for three frames."""


class PictureSource(Protocol):
    """Anything that gives pictures by number."""

    def draw(self, number: int) -> Image:
        """Return the `(HEIGHT, WIDTH, 3)` BGR picture of a drawing's number."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """What the pictures of a series share.

    Attributes:
        look: how it is drawn.
        hue: main hue, from 0 to 1.
        seed: of its places and characters.
        places: how many places it has.
        characters: how many characters.
    """

    look: Look
    hue: float
    seed: int
    places: int = 14
    characters: int = 5


@dataclass(frozen=True, slots=True)
class Actor:
    """A figure in a shot, and how it moves."""

    figure: Figure
    x: float
    y: float
    scale: float
    drift: float
    tempo: float
    phase: float

    def pose(self, second: float) -> Pose:
        """Return the pose at a second of the shot."""
        swing = sin(second * self.tempo + self.phase)
        talk = abs(sin(second * 9.1 + self.phase)) * (sin(second * 1.7 + self.phase) > -0.3)
        x = self.x + self.drift * second
        y = self.y + 0.08 * self.scale * sin(second * self.tempo * 2)
        arms = (0.8 + 0.7 * swing, 0.9 - 0.6 * sin(second * self.tempo * 0.7))
        return Pose(x, y, self.scale, arms, talk, swing)


@dataclass(frozen=True, slots=True)
class Stage:
    """A shot made ready for drawing.

    Attributes:
        place: with the shot's grade and mirrored where the shot is.
        start: scale and upper left corner of the camera's window at the beginning.
        move: change of them a second.
        actors: figures, from back to front.
        effect: what moves over the place.
        seed: of the effect.
    """

    place: Place
    start: tuple[float, float, float]
    move: tuple[float, float, float]
    actors: tuple[Actor, ...]
    effect: Literal["none", "rays", "dots"]
    seed: int

    def draw(self, second: float) -> Image:
        """Return the picture at a second of the shot."""
        scale, left, up = (a + b * second for a, b in zip(self.start, self.move, strict=True))
        scale = max(0.35, scale)
        view = np.array([[scale, 0, left], [0, scale, up]])
        canvas: Image = cv2.warpAffine(
            self.place.back, view, (WIDTH, HEIGHT), flags=_FLAGS, borderMode=cv2.BORDER_REFLECT
        )
        _EFFECTS[self.effect](canvas, second, self.seed)
        for actor in self.actors:
            draw_figure(canvas, actor.figure, actor.pose(second))
        view[:, 2] *= 1.5
        mask = cv2.warpAffine(self.place.mask, view, (WIDTH, HEIGHT), flags=_FLAGS)
        if mask.any():
            front = cv2.warpAffine(self.place.front, view, (WIDTH, HEIGHT), flags=_FLAGS)
            cv2.copyTo(front, mask, canvas)
        return canvas


_FLAGS = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


@dataclass(frozen=True, slots=True)
class ShotFilm:
    """A film of shots, such as an episode's story or the pictures of a theme.

    Attributes:
        world: of the series, or of the theme.
        seed: of the film.
        starts: drawing at which each shot begins, sorted, the first 0.
        is_lively: whether cameras move fast, and effects are frequent.
    """

    world: World
    seed: int
    starts: tuple[int, ...]
    is_lively: bool = False

    def draw(self, number: int) -> Image:
        """Return the picture of a drawing's number."""
        shot = bisect_right(self.starts, number) - 1
        stage = prepare_stage(self.world, self.seed, shot, is_lively=self.is_lively)
        return stage.draw((number - self.starts[shot]) / DRAWINGS)


def plan_story(seed: int, seconds: float) -> tuple[int, ...]:
    """Return the starts of a story's shots, of 1.2 to 9 s each."""
    rng = np.random.default_rng([seed, 13])
    lengths = np.clip(rng.lognormal(np.log(3.2), 0.5, int(seconds)), 1.2, 9) * DRAWINGS
    starts = np.concatenate([[0], np.cumsum(lengths.astype(int))])
    return tuple(int(start) for start in starts[starts < seconds * DRAWINGS])


def plan_cuts(seed: int, seconds: float, beat: float) -> tuple[int, ...]:
    """Return the starts of a theme's shots, on beats of its song with few exceptions."""
    rng = np.random.default_rng([seed, 14])
    starts, second = [0], 0.0
    while True:
        second += beat * float(rng.choice([1, 2, 2, 3, 4, 4, 6, 8])) + rng.choice([0, 0, 0, 0.3])
        if second >= seconds - 0.5:
            return tuple(starts)
        if round(second * DRAWINGS) - starts[-1] >= DRAWINGS // 2:
            starts.append(round(second * DRAWINGS))


@lru_cache(maxsize=48)
def _place(look: Look, hue: float, seed: int) -> Place:
    return paint_place(look, hue, seed)


@lru_cache(maxsize=6)
def prepare_stage(world: World, seed: int, shot: int, *, is_lively: bool) -> Stage:
    """Return a shot by its number, made ready for drawing."""
    rng = np.random.default_rng([seed, shot, 15])
    place = _place(world.look, world.hue, world.seed * 1000 + int(rng.integers(world.places)))
    grade = rng.uniform(0.55, 1.15, 3) ** 0.6 * rng.uniform(0.6, 1.1)
    back, front = (
        np.clip(image * grade, 0, 255).astype(np.uint8) for image in (place.back, place.front)
    )
    mask = place.mask
    if rng.random() < 0.5:
        back, front, mask = (np.ascontiguousarray(a[:, ::-1]) for a in (back, front, mask))
    scale = float(rng.uniform(0.4, 1.3))
    speed = 2.5 if is_lively else 1.0
    start = (scale, float(rng.uniform(0, WIDE - 200)), float(rng.uniform(0, HIGH - 160)))
    move = (
        float(rng.choice([0, 0.05, -0.04])) * speed,
        float(rng.normal(0, 12)) * speed,
        float(rng.normal(0, 3)) * speed,
    )
    effects: Sequence[Literal["none", "rays", "dots"]] = ("none", "rays", "dots")
    chosen = int(rng.choice(3, p=[0.3, 0.4, 0.3] if is_lively else [0.86, 0.02, 0.12]))
    return Stage(
        Place(back, front, mask),
        start,
        move,
        _cast(world, rng, speed),
        effects[chosen],
        seed + shot,
    )


def _cast(world: World, rng: np.random.Generator, speed: float) -> tuple[Actor, ...]:
    count = int(rng.choice(4, p=[0.15, 0.45, 0.3, 0.1]))
    close = count == 1 and rng.random() < 0.5
    actors = []
    for _ in range(count):
        scale = float(rng.uniform(60, 110) if close else rng.uniform(14, 44))
        x, y = rng.uniform(60, 260), rng.uniform(60, 100) if close else rng.uniform(50, 130)
        figure = make_figure(world.look, world.seed * 100 + int(rng.integers(world.characters)))
        drift = float(rng.normal(0, 5 if close else 14)) * speed
        tempo, phase = rng.uniform(1, 5) * speed, rng.uniform(0, 2 * pi)
        actors.append(Actor(figure, float(x), float(y), scale, drift, float(tempo), float(phase)))
    return tuple(sorted(actors, key=lambda actor: actor.scale))


def _draw_nothing(canvas: Image, second: float, seed: int) -> None:
    """Draw no effect."""


def _draw_rays(canvas: Image, second: float, seed: int) -> None:
    rng = np.random.default_rng([seed, 16])
    colour = tuple(int(value) for value in rng.integers(60, 255, 3))
    middle = np.array([rng.uniform(80, 240), rng.uniform(40, 140)])
    count, turn = int(rng.integers(4, 10)), rng.uniform(-1.5, 1.5) * second
    for number in range(count):
        angles = turn + 2 * pi * (number + np.array([0, 0.4])) / count
        far = middle + 400 * np.stack([np.cos(angles), np.sin(angles)], 1)
        cv2.fillConvexPoly(canvas, np.stack([middle, *far]).astype(np.int32), colour, cv2.LINE_AA)


def _draw_dots(canvas: Image, second: float, seed: int) -> None:
    rng = np.random.default_rng([seed, 17])
    colour = tuple(int(value) for value in rng.integers(120, 255, 3))
    dots = rng.uniform(0, 1, (24, 2)) * (WIDTH, HEIGHT)
    speeds = rng.normal(0, 20, 2) + rng.uniform(5, 40, (24, 1)) * (0.2, 1)
    for x, y in (dots + speeds * second) % (WIDTH, HEIGHT):
        cv2.circle(canvas, (int(x), int(y)), 2 + int(x) % 3, colour, -1, cv2.LINE_AA)


_EFFECTS: dict[str, Callable[[Image, float, int], None]] = {
    "none": _draw_nothing,
    "rays": _draw_rays,
    "dots": _draw_dots,
}

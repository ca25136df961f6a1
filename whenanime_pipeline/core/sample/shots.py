"""Defines the plan of a shot: characters, movement and length as plain values.

Positions are fractions of the stage (0, 0 top left to 1, 1 bottom right), times are frame
numbers from the shot's start. Nothing is drawn here.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from whenanime_pipeline.core.sample.backgrounds import Background
from whenanime_pipeline.core.sample.characters import Expression, Eyes, Mouth
from whenanime_pipeline.core.sample.pose import STANDING, WALK_STEPS, Pose

EpisodePart = Literal["cold open", "opening", "story", "eyecatch", "ending", "black"]
Framing = Literal["close", "bust", "half", "full"]
Move = Literal["still", "pan", "zoom", "walk"]
Role = Literal["subtitle", "title", "credit"]

# Head units to frame heights, and where the head's origin lies, by framing.
FRAMING_SCALES: dict[Framing, float] = {"close": 0.33, "bust": 0.215, "half": 0.135, "full": 0.072}
HEAD_HEIGHTS: dict[Framing, float] = {"close": 0.5, "bust": 0.42, "half": 0.33, "full": 0.19}
BLINK_SEQUENCE: tuple[Eyes, ...] = ("half", "half", "closed", "closed", "closed", "half", "half")


@dataclass(frozen=True)
class FrameSpan:
    """Frames from `start` to `end`, exclusive."""

    start: int
    end: int

    def __contains__(self, frame: int) -> bool:
        return self.start <= frame < self.end


@dataclass(frozen=True)
class Caption:
    """Text on the picture during a span."""

    span: FrameSpan
    text: str
    role: Role = "subtitle"


@dataclass(frozen=True)
class Actor:
    """A character in a shot.

    Attributes:
        cast: index into the series' cast.
        framing: visible part of the figure.
        x: position of the head at the shot's start, as a fraction of the stage's width.
        size: multiple of the framing's usual size.
        speed: walking speed in stage widths per frame; 0 when standing.
        mood, pose: face and body.
        talks: spans in which the mouth moves.
        blinks: frames at which a blink begins.
        mouth_frames: frames a mouth drawing is held, 2 (twos) or 3 (threes).
        seed: seed of the mouth's sequence.
    """

    cast: int
    framing: Framing
    x: float
    mood: Expression
    pose: Pose = STANDING
    size: float = 1.0
    speed: float = 0.0
    talks: tuple[FrameSpan, ...] = ()
    blinks: tuple[int, ...] = ()
    mouth_frames: int = 2
    seed: int = 0

    def mouth_at(self, frame: int) -> Mouth:
        """Return the mouth's drawing at a frame."""
        for span in self.talks:
            if frame in span:
                drawing = (frame - span.start) // self.mouth_frames
                return _mouth_drawing(self.seed, drawing)
        return "closed"

    def eyes_at(self, frame: int) -> Eyes:
        """Return the eyes' drawing at a frame."""
        for start in self.blinks:
            if start <= frame < start + len(BLINK_SEQUENCE):
                return BLINK_SEQUENCE[frame - start]
        return "open"

    def walk_step_at(self, frame: int) -> int | None:
        """Return the walk's drawing at a frame: on threes, None when standing."""
        return None if self.speed == 0 else (frame // 3) % WALK_STEPS

    def x_at(self, frame: int) -> float:
        """Return x at a frame; walks advance on twos."""
        return self.x + self.speed * (frame // 2 * 2)


def _mouth_drawing(seed: int, drawing: int) -> Mouth:
    """Return the n-th mouth of a sequence in which neighbours differ."""
    order: tuple[Mouth, ...] = ("half", "open", "closed")
    jumps = np.random.default_rng([seed, 7]).integers(1, 3, drawing + 1)
    return order[int(jumps.sum()) % 3]


@dataclass(frozen=True)
class CameraView:
    """View of the camera: centre as a fraction of the stage; zoom 1 covers one frame's size."""

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0


@dataclass(frozen=True)
class ShotPlan:
    """One continuous piece of film.

    Attributes:
        part: part of the episode.
        frames: length in frames.
        background: painted background; None is black.
        crop: visible part of the painting, so that one place serves several views.
        actors: characters from back to front.
        camera: (first, last) view; equal views mean a still camera.
        captions: texts on the picture.
        dissolve: frames of the dissolve from the previous shot.
        fade_in, fade_out: frames of fading from and to black.
        blur: blur of the background as a fraction of the frame's height, for shallow focus.
    """

    part: EpisodePart
    frames: int
    background: Background | None
    crop: CameraView = CameraView()
    actors: tuple[Actor, ...] = ()
    camera: tuple[CameraView, CameraView] = (CameraView(), CameraView())
    captions: tuple[Caption, ...] = field(default=())
    dissolve: int = 0
    fade_in: int = 0
    fade_out: int = 0
    blur: float = 0.0

    @property
    def move(self) -> Move:
        """Kind of movement: of the camera, of a character, or of faces at most."""
        first, last = self.camera
        if first != last:
            return "pan" if first.zoom == last.zoom else "zoom"
        return "walk" if any(actor.speed for actor in self.actors) else "still"

    @property
    def stage_scale(self) -> float:
        """Size of the stage in frames, larger where the camera moves over it."""
        return 1.0 if self.camera[0] == self.camera[1] else MOVING_STAGE_SCALE

    def view_at(self, frame: int) -> CameraView:
        """Return the view of the camera at a frame, with eased motion."""
        first, last = self.camera
        t = frame / max(1, self.frames - 1)
        t = t * t * (3 - 2 * t) * 0.5 + t * 0.5
        return CameraView(
            first.x + (last.x - first.x) * t,
            first.y + (last.y - first.y) * t,
            first.zoom + (last.zoom - first.zoom) * t,
        )


MOVING_STAGE_SCALE = 1.35  # of a moving camera's stage, in frames


@dataclass(frozen=True)
class ThemePlan:
    """Position of a theme in an episode, in frames."""

    span: FrameSpan
    version: str


@dataclass(frozen=True)
class EpisodePlan:
    """Plan of an episode.

    Attributes:
        series: index of the series.
        number: number of the episode, from 1.
        title: title in the series' language.
        shots: shots in order.
        opening, ending: positions of the themes, None when absent.
        seed: seed of everything except the themes.
    """

    series: int
    number: int
    title: str
    shots: tuple[ShotPlan, ...]
    opening: ThemePlan | None
    ending: ThemePlan | None
    seed: int

    @property
    def frames(self) -> int:
        """Length of the episode."""
        return sum(shot.frames for shot in self.shots)

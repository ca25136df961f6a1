"""Chooses what changes from picture to picture of one face: mood, pose, light, size, occlusion."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from whenanime_pipeline.core.sample.backgrounds import PLACES, TIMES, Place
from whenanime_pipeline.core.sample.characters import Expression, Eyes, Mouth
from whenanime_pipeline.core.sample.light import TimeOfDay

Occlusion = Literal["none", "rail", "blob", "petals", "shadow", "caption"]
Codec = Literal["jpeg", "webp"]
OCCLUSIONS: tuple[Occlusion, ...] = ("none", "rail", "blob", "petals", "shadow", "caption")
_OCCLUSION_SHARES = (0.66, 0.06, 0.08, 0.08, 0.08, 0.04)
_TIME_SHARES = {"day": 0.4, "sunset": 0.17, "night": 0.15, "dawn": 0.13, "overcast": 0.15}
FACE_SIDES = (30.0, 120.0)
"""Range of the sides of face boxes in pixels of a stored frame of 320; their logarithms are
uniform."""

Rng = np.random.Generator


@dataclass(frozen=True)
class FaceMoment:
    """What one drawing of a face shows.

    Attributes:
        mood: expression.
        eyes, mouth: their states.
        arm: pose of the arm, as in `Pose`.
        mirrored: whether the drawing is mirrored.
        side: side of the face box in pixels of the stored frame.
    """

    mood: Expression
    eyes: Eyes
    mouth: Mouth
    arm: str
    mirrored: bool
    side: float


@dataclass(frozen=True)
class Take:
    """What changes between two pictures of one drawing.

    Attributes:
        place, time: of the background.
        occlusion: what lies in front of the face.
        codec: of the stored frame.
        scale: factor of the face's size.
        jitter: shift of the box (x, y) and factors of its sides (x, y), in shares of its sides.
        seed: seed of the positions of the background and the occlusion.
    """

    place: Place
    time: TimeOfDay
    occlusion: Occlusion
    codec: Codec
    scale: float
    jitter: tuple[float, float, float, float]
    seed: int


def choose_moment(rng: Rng, sides: tuple[float, float] = FACE_SIDES) -> FaceMoment:
    """Return a random moment; `sides` are the bounds of the face's side in pixels."""
    turn = float(np.clip(rng.normal(0, 0.5), -1, 1))
    eyes: tuple[Eyes, ...] = ("open", "half", "closed")
    mouths: tuple[Mouth, ...] = ("closed", "half", "open")
    return FaceMoment(
        mood=Expression(
            turn=turn,
            tilt=float(np.clip(rng.normal(0, 7), -18, 18)),
            brow=float(rng.uniform(-1, 1)),
            smile=float(rng.uniform(-0.8, 1.0)),
            blush=bool(rng.random() < 0.2),
            gaze=(float(np.clip(turn + rng.normal(0, 0.4), -1, 1)), float(rng.normal(0, 0.35))),
        ),
        eyes=eyes[int(rng.choice(3, p=[0.8, 0.12, 0.08]))],
        mouth=mouths[int(rng.choice(3, p=[0.5, 0.25, 0.25]))],
        arm=str(rng.choice(["down", "raised"], p=[0.85, 0.15])),
        mirrored=bool(rng.random() < 0.5),
        side=float(np.exp(rng.uniform(*np.log(sides)))),
    )


def choose_take(rng: Rng, places: tuple[Place, ...] = PLACES) -> Take:
    """Return a random take at one of some places."""
    times: tuple[TimeOfDay, ...] = TIMES
    shares = [_TIME_SHARES[time] for time in times]
    return Take(
        place=places[int(rng.integers(len(places)))],
        time=times[int(rng.choice(len(times), p=shares))],
        occlusion=OCCLUSIONS[int(rng.choice(len(OCCLUSIONS), p=_OCCLUSION_SHARES))],
        codec="jpeg" if rng.random() < 0.5 else "webp",
        scale=float(rng.uniform(0.85, 1.15)),
        jitter=(
            float(rng.uniform(-0.07, 0.07)),
            float(rng.uniform(-0.07, 0.07)),
            float(rng.uniform(0.92, 1.12)),
            float(rng.uniform(0.92, 1.12)),
        ),
        seed=int(rng.integers(1 << 30)),
    )

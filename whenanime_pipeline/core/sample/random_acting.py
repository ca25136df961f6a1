"""Chooses length, faces, speech, blinks and camera of a shot at random."""

import numpy as np

from whenanime_pipeline.core.sample.characters import Expression
from whenanime_pipeline.core.sample.pose import Pose
from whenanime_pipeline.core.sample.shots import (
    Actor,
    CameraView,
    FrameSpan,
    Framing,
)

NOMINAL_FPS = 24  # 24000/1001, counted in whole frames here


Rng = np.random.Generator


def choose_length(rng: Rng, low: float, high: float) -> int:
    """Return a random length between two numbers of seconds, in frames."""
    return round(float(rng.uniform(low, high)) * NOMINAL_FPS)


def choose_expression(rng: Rng, toward: float = 0.0) -> Expression:
    """Return a random expression, turned towards -1 (left) to 1 (right)."""
    turn = float(np.clip(toward * rng.uniform(0.35, 1.0) + rng.normal(0, 0.25), -1, 1))
    return Expression(
        turn=turn,
        tilt=float(rng.normal(0, 4)),
        brow=float(rng.uniform(-1, 1)),
        smile=float(rng.uniform(-0.6, 1.0)),
        blush=bool(rng.random() < 0.2),
        gaze=(float(np.clip(turn + rng.normal(0, 0.3), -1, 1)), float(rng.normal(0, 0.25))),
    )


def choose_blinks(rng: Rng, frames: int) -> tuple[int, ...]:
    """Return the frames at which a character blinks in a shot of this many frames."""
    first = int(rng.integers(8, 60))
    return tuple(range(first, max(first, frames - 8), int(rng.integers(50, 90))))


def choose_talks(rng: Rng, frames: int) -> tuple[FrameSpan, ...]:
    """Return one or two spoken phrases within a shot."""
    start = int(rng.integers(4, 12))
    if frames < 64 or rng.random() < 0.4:
        return (FrameSpan(start, frames - int(rng.integers(6, 14))),)
    middle = frames // 2
    return FrameSpan(start, middle - 5), FrameSpan(middle + 5, frames - 8)


def choose_actor(
    rng: Rng, cast: int, framing: Framing, x: float, toward: float, frames: int, *, talking: bool
) -> Actor:
    """Return a character for a shot, turned `toward` -1 (left) to 1 (right)."""
    arm = str(rng.choice(["down", "raised", "akimbo"], p=[0.7, 0.18, 0.12]))
    return Actor(
        cast=cast,
        framing=framing,
        x=x,
        mood=choose_expression(rng, toward),
        pose=Pose(arm if framing != "close" else "down"),
        talks=choose_talks(rng, frames) if talking else (),
        blinks=choose_blinks(rng, frames),
        size=float(rng.uniform(0.9, 1.14)),
        mouth_frames=int(rng.integers(2, 4)),
        seed=int(rng.integers(1 << 30)),
    )


def choose_camera(rng: Rng, *, moving: bool) -> tuple[CameraView, CameraView]:
    """Return the first and last view of a camera: still, or a pan or zoom either way."""
    if not moving:
        return CameraView(), CameraView()
    if rng.random() < 0.55:
        side = 1 if rng.random() < 0.5 else -1
        y = float(rng.uniform(0.42, 0.58))
        return CameraView(0.5 - 0.12 * side, y), CameraView(0.5 + 0.12 * side, y)
    wide, tight = CameraView(0.5, 0.5, 0.78), CameraView(float(rng.uniform(0.46, 0.54)), 0.46, 1.04)
    return (wide, tight) if rng.random() < 0.6 else (tight, wide)


def choose_crop(rng: Rng, zoom: float) -> CameraView:
    """Return a random part of a painting, at this zoom."""
    return CameraView(float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.4, 0.6)), zoom)

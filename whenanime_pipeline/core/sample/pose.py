"""Defines poses and the body measures that body parts share. Head units."""

from dataclasses import dataclass

import numpy as np

from whenanime_pipeline.core.sample.characters import CharacterDesign

HIP = 4.7


SOLE = 9.6


WALK_STEPS = 8  # drawings in one walk cycle


@dataclass(frozen=True)
class Pose:
    """Pose of the body.

    Attributes:
        arm: "down", "raised" (a hand next to the face) or "akimbo".
        step: index of the walk's `WALK_STEPS` drawings; None when standing.
    """

    arm: str = "down"
    step: int | None = None


STANDING = Pose()


def shoulder_half_width(look: CharacterDesign) -> float:
    """Return half the width of the shoulders."""
    return 1.5 if look.is_boy else 1.22


def limb_swing(pose: Pose) -> float:
    """Return the swing of arms and legs, -1 to 1; 0 standing."""
    return 0.0 if pose.step is None else float(np.sin(2 * np.pi * pose.step / WALK_STEPS))

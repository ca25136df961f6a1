"""How to train: the options of a training and the course of its learning rate."""

import math
from dataclasses import dataclass

_LOWEST_RATE = 0.01  # of the learning rate, at the end of the cosine


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How to train.

    Attributes:
        steps: batches to learn from, at most.
        minutes: time to take, at most; the schedule follows whichever ends first.
        groups: of neighbouring frames a batch.
        members: frames a group.
        reach: frames around a group's middle that it is drawn from.
        mild: share of the pairs that are whole and lightly compressed only.
        recoloured: share of the groups whose colours are swapped: pictures that no film has.
        learning_rate: at its highest.
        weight_decay: of AdamW.
        warmup: share of the training in which the rate rises.
        temperature: of InfoNCE.
        spread_weight: of the entropy term.
        averaging: decay of the averaged weights, a step.
        checkpoint_seconds: time between two checkpoints.
        seed: of batches and augmentations.
    """

    steps: int
    minutes: float = math.inf
    groups: int = 32
    members: int = 4
    reach: int = 8
    mild: float = 0.4
    recoloured: float = 0.25
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup: float = 0.04
    temperature: float = 0.05
    spread_weight: float = 1.0
    averaging: float = 0.99
    checkpoint_seconds: float = 120.0
    seed: int = 0


def rate(share: float, warmup: float) -> float:
    """Return the factor of the learning rate: rising in the warm-up, then a cosine."""
    if share < warmup:
        return max(share / warmup, _LOWEST_RATE)
    cosine = (1 + math.cos(math.pi * (share - warmup) / (1 - warmup))) / 2
    return _LOWEST_RATE + (1 - _LOWEST_RATE) * cosine

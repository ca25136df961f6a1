"""Closed outlines of several kinds, around the origin and about two units wide."""

import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Outline = NDArray[np.float64]
_STEPS = 48
"""Points of curved outlines."""


def choose_outline(rng: Rng) -> Outline:
    """Draw an outline, randomly rotated and stretched.

    Args:
        rng: source of randomness.

    Returns:
        `(n, 2)` points of a closed line.
    """
    kind = int(rng.integers(6))
    points = (_blob, _polygon, _ellipse, _star, _ribbon, _box)[kind](rng)
    stretch = float(np.exp(rng.normal(0, 0.35)))
    angle = float(rng.uniform(0, 2 * np.pi)) if rng.random() < 0.7 else 0.0
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(points * (stretch, 1 / stretch) @ turn)


def _from_radii(radius: NDArray[np.float64]) -> Outline:
    """Return points `(n, 2)` at radii `(n,)`, evenly spaced by angle."""
    angle = np.linspace(0, 2 * np.pi, len(radius), endpoint=False)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)


def _blob(rng: Rng) -> Outline:
    angle = np.linspace(0, 2 * np.pi, _STEPS, endpoint=False)
    radius = np.ones(_STEPS)
    for wave in range(2, int(rng.integers(4, 10))):
        radius += rng.normal(0, 0.5 / wave) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    return _from_radii(np.clip(radius, 0.15, 2))


def _polygon(rng: Rng) -> Outline:
    return _from_radii(rng.uniform(0.5, 1.2, int(rng.integers(3, 8))))


def _ellipse(_rng: Rng) -> Outline:
    return _from_radii(np.ones(_STEPS))


def _star(rng: Rng) -> Outline:
    inner = float(rng.uniform(0.25, 0.8))
    return _from_radii(np.tile([1.0, inner], int(rng.integers(4, 14))))


def _ribbon(rng: Rng) -> Outline:
    """Return a curved stroke that gets thinner towards its ends."""
    along = np.linspace(-1.5, 1.5, _STEPS // 2)
    middle = rng.normal(0, 0.4) * np.sin(along * rng.uniform(1, 4) + rng.uniform(0, 6))
    half = float(rng.uniform(0.03, 0.25)) * (1 - 0.9 * rng.random() * np.abs(along / 1.5))
    upper, lower = np.stack([along, middle + half], 1), np.stack([along, middle - half], 1)
    return np.concatenate([upper, lower[::-1]])


def _box(_rng: Rng) -> Outline:
    return np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])

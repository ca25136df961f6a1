"""Instruments: single tones and beats as samples."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
RATE = 24000
"""Samples a second of everything that is composed."""


def mix_in(buffer: Sound, second: float, tone: Sound) -> None:
    """Add a tone to a buffer at a second, as far as the buffer is long."""
    start = round(second * RATE)
    count = min(len(tone), len(buffer) - start)
    if count > 0:
        buffer[start : start + count] += tone[:count]


def pluck(pitch: float, seconds: float, colour: float) -> Sound:
    """Return a struck or plucked tone of a pitch in hertz that dies away.

    Args:
        pitch: of the lowest partial.
        seconds: how long.
        colour: from 0, a pure tone, to 1, a sharp one.
    """
    t = _times(seconds)
    tone = sum(
        colour ** (k - 1)
        / k
        * np.sin(2 * np.pi * pitch * k * (1 + 2e-4 * k * k) * t)
        * np.exp(-t * (2.5 + 1.6 * k))
        for k in range(1, 7)
    )
    return _round_off(np.asarray(tone), 0.003)


def bow(pitch: float, seconds: float, colour: float) -> Sound:
    """Return a swelling tone with vibrato; arguments as of `pluck`."""
    t = _times(seconds)
    phase = 2 * np.pi * pitch * t + 0.25 * np.sin(2 * np.pi * 5.3 * t)
    tone = sum(colour ** (k * 0.5) / k * np.sin(phase * k) for k in range(1, 8))
    return _round_off(np.asarray(tone), min(0.18, seconds / 3))


def buzz(pitch: float, seconds: float, colour: float) -> Sound:
    """Return a tone of a synthesiser, a pulse whose width varies; arguments as of `pluck`."""
    t = _times(seconds)
    width = 0.5 + 0.3 * colour * np.sin(2 * np.pi * 1.7 * t)
    phase = (pitch * t) % 1
    return _round_off(np.where(phase < width, 0.5, -0.5) - 0.6 * (phase - 0.5), 0.006)


def sing(pitch: float, seconds: float, colour: float) -> Sound:
    """Return a sung vowel, harmonics under two formants; arguments as of `pluck`."""
    t = _times(seconds)
    phase = 2 * np.pi * pitch * t + 0.3 * np.sin(2 * np.pi * 6 * t) * np.minimum(1, t * 3)
    first, second = 380 + 500 * colour, 900 + 1500 * (1 - colour)
    tone = np.zeros_like(t)
    for k in range(1, 12):
        high = k * pitch
        weight = np.exp(-(((high - first) / 180) ** 2)) + 0.6 * np.exp(
            -(((high - second) / 260) ** 2)
        )
        tone += (weight + 0.05) * np.sin(phase * k)
    return _round_off(tone, 0.04)


def kick(_: np.random.Generator) -> Sound:
    """Return a bass drum, always the same."""
    t = _times(0.22)
    sweep = np.sin(2 * np.pi * (48 * t + 9 * (1 - np.exp(-t * 28))))
    drum: Sound = (sweep * np.exp(-t * 14)).astype(np.float32)
    return drum


def snare(rng: np.random.Generator) -> Sound:
    """Return a snare drum."""
    t = _times(0.2)
    noise = rng.standard_normal(len(t))
    return ((0.5 * noise + 0.4 * np.sin(2 * np.pi * 190 * t)) * np.exp(-t * 19)).astype(np.float32)


def hat(rng: np.random.Generator) -> Sound:
    """Return a cymbal."""
    t = _times(0.07)
    return (np.diff(rng.standard_normal(len(t) + 1)) * 0.35 * np.exp(-t * 55)).astype(np.float32)


INSTRUMENTS: dict[str, Callable[[float, float, float], Sound]] = {
    "pluck": pluck,
    "bow": bow,
    "buzz": buzz,
    "sing": sing,
}
"""Name → instrument."""


def _times(seconds: float) -> NDArray[np.float64]:
    return np.arange(max(2, round(seconds * RATE))) / RATE


def _round_off(tone: NDArray[np.float64], attack: float) -> Sound:
    """Return a tone with a soft beginning and end."""
    rise = max(2, min(len(tone) // 2, round(attack * RATE)))
    ramp = np.linspace(0, 1, rise)
    tone[:rise] *= ramp
    tone[-rise:] *= ramp[::-1]
    return tone.astype(np.float32)

"""Synthesises murmured talk: phrases of voiced syllables and consonants, with pauses."""

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.themes.drawn.songs import RATE, Rng, Sound

_FORMANTS = np.array(
    [[730, 1090, 2440], [270, 2290, 3010], [300, 870, 2240], [530, 1840, 2480], [570, 840, 2410]]
)
"""Three formants of five vowels in hertz (Peterson and Barney 1952)."""
_HARMONICS = 24


def synthesize_talk(rng: Rng, seconds: float) -> Sound:
    """Return talk of one to three speakers in mono at `RATE`.

    Args:
        rng: decides everything.
        seconds: length; phrases are 0.5 to 5 s long, pauses 0.1 to 4 s and more.
    """
    out = np.zeros(round(seconds * RATE), np.float32)
    pitches = rng.uniform(85, 310, int(rng.integers(1, 4)))
    pause = rng.uniform(0.05, 2.0)
    at = rng.exponential(pause)
    while at < seconds - 0.5:
        length = min(rng.uniform(0.5, 5), seconds - at)
        phrase = _speak(rng, length, float(rng.choice(pitches))) * rng.uniform(0.5, 1)
        start = round(at * RATE)
        end = min(len(out), start + len(phrase))
        out[start:end] += phrase[: end - start]
        at += length + 0.05 + rng.exponential(pause)
    return out


def _speak(rng: Rng, seconds: float, pitch: float) -> Sound:
    """Return one phrase."""
    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    knots = max(3, int(seconds * 3))
    wander = np.interp(time, np.linspace(0, seconds, knots), pitch * rng.uniform(0.8, 1.25, knots))
    phase = 2 * np.pi * np.cumsum(wander) / RATE
    syllables = max(2, int(seconds * rng.uniform(3, 7)))
    edges = np.sort(rng.uniform(0, seconds, syllables))
    vowels = _FORMANTS[rng.integers(len(_FORMANTS), size=syllables)] * rng.uniform(0.9, 1.15)
    formants = np.stack([np.interp(time, edges, vowels[:, k]) for k in range(3)])
    voice = np.zeros(count)
    for number in range(1, _HARMONICS + 1):
        if number * pitch * 1.25 > RATE / 2:
            break
        voice += _resonance(number * wander, formants) * np.sin(number * phase) / number
    levels = rng.uniform(0.3, 1, 2 * syllables)
    levels[::2] *= 0.15
    voice *= np.interp(time, np.sort(rng.uniform(0, seconds, 2 * syllables)), levels)
    noise = np.diff(rng.normal(0, 1, count), prepend=0)
    bursts = np.interp(time, edges, (rng.random(syllables) < 0.4) * rng.uniform(0, 0.06, syllables))
    edge = np.clip(np.minimum(time, seconds - time) / 0.04, 0, 1)
    peak = float(np.abs(voice).max()) or 1.0
    return np.asarray((voice / peak + noise * bursts) * edge, np.float32)


def _resonance(
    frequency: NDArray[np.float64], formants: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the strength of a frequency over time, by its distance from three formants."""
    strength: NDArray[np.float64] = sum(
        weight / (1 + ((frequency - formant) / 120) ** 2)
        for weight, formant in zip((1.0, 0.6, 0.3), formants, strict=True)
    )
    return strength + 0.02

"""Synthesises what is heard besides music and talk: air, weather, machines and effects."""

import numpy as np

from whenanime_pipeline.core.learning.themes.drawn.songs import RATE, Rng, Sound


def synthesize_ambience(rng: Rng, seconds: float) -> Sound:
    """Return a steady noise of a random colour, in mono at `RATE`."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(rng.normal(0, 1, count))
    frequency = np.fft.rfftfreq(count, 1 / RATE) + 20
    gain = frequency ** -rng.uniform(0, 1.5)
    for _ in range(int(rng.integers(0, 4))):
        centre, width = rng.uniform(150, 3500), rng.uniform(20, 500)
        gain = gain * (1 + rng.uniform(0, 8) / (1 + ((frequency - centre) / width) ** 2))
    noise = np.fft.irfft(spectrum * gain, count)
    noise /= np.abs(noise).max() or 1.0
    knots = max(2, int(seconds / rng.uniform(2, 15)))
    slow = np.interp(np.arange(count), np.linspace(0, count, knots), rng.uniform(0.4, 1, knots))
    return np.asarray(noise * slow, np.float32)


def synthesize_effects(rng: Rng, seconds: float) -> Sound:
    """Return steps, blows, falls and whooshes at random or steady times, in mono at `RATE`."""
    count = round(seconds * RATE)
    out = np.zeros(count, np.float32)
    at = 0.0
    steady = rng.uniform(0.3, 0.8) if rng.random() < 0.3 else 0.0
    rate = rng.uniform(0.2, 2)
    while True:
        at += steady * rng.uniform(0.9, 1.1) if steady else rng.exponential(1 / rate)
        if at >= seconds - 0.05:
            return out
        length = float(rng.choice([0.08, 0.3, 1.0]))
        time = np.arange(round(length * RATE), dtype=np.float32) / RATE
        noise = rng.normal(0, 1, len(time))
        if rng.random() < 0.5:
            noise = np.cumsum(noise) * 0.1
        tone = np.sin(2 * np.pi * rng.uniform(60, 1500) * time * (1 - 0.3 * time / length))
        sound = (noise + rng.uniform(0, 2) * tone) * np.exp(-rng.uniform(3, 8) * time / length)
        start = round(at * RATE)
        part = sound[: count - start] * rng.uniform(0.1, 0.5)
        out[start : start + len(part)] += part.astype(np.float32)

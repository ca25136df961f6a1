"""Makes synthesised sound less clean: rooms, recording and mixing, as real sound went through."""

import numpy as np

from whenanime_pipeline.core.learning.themes.drawn.songs import RATE, Rng, Sound


def colour_sound(rng: Rng, sound: Sound) -> Sound:
    """Return a sound in a room, with other timbre, noise that follows it, and compressed.

    Args:
        rng: decides which of these, and how much.
        sound: `(samples,)` at `RATE`.
    """
    if rng.random() < 0.75:
        sound = _add_room(rng, sound)
    if rng.random() < 0.6:
        sound = _tilt(rng, sound)
    if rng.random() < 0.6:
        sound = _add_breath(rng, sound)
    peak = float(np.abs(sound).max()) or 1.0
    return np.asarray(np.tanh(sound / peak * np.exp(rng.uniform(0, 2))), np.float32)


def _add_room(rng: Rng, sound: Sound) -> Sound:
    """Add the echo of a room: noise that decays in 0.1 to 3 s."""
    decay = np.exp(rng.uniform(np.log(0.1), np.log(3)))
    count = round(min(decay, 2) * RATE)
    echo = rng.normal(0, 1, count) * np.exp(-6.9 * np.arange(count) / (decay * RATE))
    echo /= np.sqrt((echo**2).sum())
    size = len(sound) + count
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(echo, size)
    wet = np.fft.irfft(spectrum, size)[: len(sound)]
    share = rng.uniform(0.1, 0.9)
    return np.asarray((1 - share) * sound + share * wet, np.float32)


def _tilt(rng: Rng, sound: Sound) -> Sound:
    """Change the timbre: up to 6 dB an octave, and a few hills and valleys."""
    frequency = np.fft.rfftfreq(len(sound), 1 / RATE)
    octaves = np.log2(np.maximum(frequency, 60) / 800)
    knots = rng.normal(0, 5, 7)
    gain = rng.uniform(-6, 6) * octaves + np.interp(octaves, np.linspace(-3, 2.5, 7), knots)
    spectrum = np.fft.rfft(sound) * 10 ** (gain / 20)
    return np.asarray(np.fft.irfft(spectrum, len(sound)), np.float32)


def _add_breath(rng: Rng, sound: Sound) -> Sound:
    """Add noise as loud as the sound, less 6 to 25 dB, such as breath, bows and cymbals."""
    window = round(0.05 * RATE)
    total = np.cumsum(np.pad(np.square(sound, dtype=np.float64), (window, 0)))
    level = np.sqrt(np.maximum(0, total[window:] - total[:-window]) / window)
    noise = rng.normal(0, 1, len(sound))
    if rng.random() < 0.5:
        noise = np.diff(noise, prepend=0)
    return np.asarray(sound + noise * level * 10 ** (rng.uniform(-25, -6) / 20), np.float32)

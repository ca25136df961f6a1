"""Synthesises songs of many kinds: with and without beat, voice, bass, fade and quiet intro."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Rng = np.random.Generator

RATE = 8000
"""Samples a second: the bands of sound tracks end below 4 kHz."""
_SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 2, 3, 5, 7, 9, 10))


@dataclass(frozen=True, slots=True)
class _Voice:
    """How a part sounds.

    Attributes:
        partials: their strengths.
        attack: seconds.
        decay: a second.
        vibrato: share of the pitch.
        chorus: depth in radians by which the phase wanders, as of several players.
    """

    partials: NDArray[np.float64]
    attack: float
    decay: float
    vibrato: float
    chorus: float

    @classmethod
    def draw(cls, rng: Rng, *, held: bool) -> "_Voice":
        count = int(rng.integers(2, 14))
        fall = rng.uniform(0.3, 2.2)
        strengths = rng.uniform(0.3, 1, count) / np.arange(1, count + 1) ** fall
        attack = rng.uniform(0.03, 0.35) if held else rng.uniform(0.004, 0.03)
        decay = rng.uniform(0, 0.6) if held else rng.uniform(1, 7)
        vibrato = rng.uniform(0, 0.012) if rng.random() < 0.5 else 0.0
        return cls(strengths, attack, decay, vibrato, rng.uniform(0, 3) if held else 0.0)

    def play(self, note: float, seconds: float) -> Sound:
        """Return a note, by its MIDI number."""
        time = np.arange(max(1, round(seconds * RATE)), dtype=np.float32) / RATE
        pitch = 440 * 2 ** ((note - 69) / 12)
        phase = 2 * np.pi * pitch * time
        phase = phase + self.chorus * np.sin(2 * np.pi * (3 + note % 3) * time + note)
        if self.vibrato:
            phase = phase + self.vibrato * pitch / 5.5 * np.sin(2 * np.pi * 5.5 * time)
        wave = np.zeros(len(time), np.float32)
        for number, strength in enumerate(self.partials, 1):
            if pitch * number < RATE / 2:
                wave += (strength * np.sin(number * phase)).astype(np.float32)
        envelope = np.minimum(1, time / self.attack) * np.exp(-self.decay * time)
        return np.asarray(wave * envelope * np.clip((seconds - time) / 0.03, 0, 1), np.float32)


def synthesize_song(rng: Rng, seconds: float) -> Sound:
    """Return a song in mono at `RATE`, its loudest sample near 1.

    Args:
        rng: decides everything.
        seconds: length.
    """
    out = np.zeros(round(seconds * RATE), np.float32)
    beat = 60 / rng.uniform(62, 182)
    scale = _SCALES[int(rng.integers(len(_SCALES)))]
    key = 57 + int(rng.integers(-6, 7))
    sections = _plan_sections(rng, seconds, beat)
    rubato = rng.uniform(0, 0.15) if rng.random() < 0.3 else 0.0
    _add_chords(out, rng, (key, scale), beat, sections[0])
    _add_melody(out, rng, (key, scale), (beat, rubato), sections[1])
    if rng.random() < 0.6:
        _add_drums(out, rng, beat, sections[2])
    out *= _draw_dynamics(rng, len(out), beat)
    peak = float(np.abs(out).max()) or 1.0
    return np.asarray(np.tanh(out / peak * rng.uniform(1, 3)), np.float32)


def _plan_sections(rng: Rng, seconds: float, beat: float) -> NDArray[np.float64]:
    """Return `(3, beats)` levels of chords, melody and drums: parts come and go by sections."""
    beats = int(seconds / beat) + 2
    levels = np.ones((3, beats))
    length = int(rng.choice([8, 16, 16, 32]))
    for start in range(0, beats, length):
        intro = start == 0 and rng.random() < 0.4
        levels[0, start : start + length] = rng.uniform(0.5, 1)
        levels[1, start : start + length] = rng.uniform(0.4, 1) * (rng.random() < 0.8) * (not intro)
        levels[2, start : start + length] = rng.uniform(0.5, 1) * (rng.random() < 0.85)
    return levels


def _note(scale: tuple[int, ...], degree: int) -> int:
    return scale[degree % len(scale)] + 12 * (degree // len(scale))


def _mix(out: Sound, at: float, part: Sound, level: float) -> None:
    start = round(at * RATE)
    part = part[: max(0, len(out) - start)]
    out[start : start + len(part)] += part * np.float32(level)


def _add_chords(
    out: Sound,
    rng: Rng,
    tonality: tuple[int, tuple[int, ...]],
    beat: float,
    levels: NDArray[np.float64],
) -> None:
    """Add chords of a repeated progression, as pads or struck, and a bass."""
    key, scale = tonality
    progression = rng.integers(0, len(scale), int(rng.choice([2, 4, 4, 8])))
    pad, bass = _Voice.draw(rng, held=rng.random() < 0.6), _Voice.draw(rng, held=False)
    per_chord = int(rng.choice([2, 4, 4, 8, 16]))
    strokes = int(rng.choice([1, 1, 2, 4])) if pad.decay > 1 else 1
    bass_level = rng.uniform(0.15, 0.5) if rng.random() < 0.8 else 0.0
    for number in range(0, len(levels), per_chord):
        root = int(progression[number // per_chord % len(progression)])
        for stroke in range(strokes):
            at = (number + stroke * per_chord / strokes) * beat
            for third in (0, 2, 4):
                sound = pad.play(key + _note(scale, root + third), beat * per_chord / strokes)
                _mix(out, at, sound, 0.12 * levels[number])
        if bass_level:
            for step in range(min(per_chord, len(levels) - number)):
                low = bass.play(key - 12 + _note(scale, root), beat * 0.9)
                _mix(out, (number + step) * beat, low, bass_level * levels[number + step])


def _add_melody(
    out: Sound,
    rng: Rng,
    tonality: tuple[int, tuple[int, ...]],
    tempo: tuple[float, float],
    levels: NDArray[np.float64],
) -> None:
    """Add a melody that walks along the scale and repeats its bars now and then."""
    (key, scale), (beat, rubato) = tonality, tempo
    voice = _Voice.draw(rng, held=rng.random() < 0.5)
    per_beat = int(rng.choice([1, 2, 2, 4])) if beat > 0.4 else 1
    bar = [(int(rng.integers(-2, 3)), bool(rng.random() < 0.75)) for _ in range(4 * per_beat)]
    degree = int(rng.integers(0, len(scale)))
    for number, level in enumerate(levels):
        if number % 4 == 0 and rng.random() < 0.5:
            bar = [(int(rng.integers(-2, 3)), bool(rng.random() < 0.75)) for _ in bar]
        for part in range(per_beat):
            step, sounds = bar[(number % 4) * per_beat + part]
            degree = int(np.clip(degree + step, -2, len(scale) + 4))
            if sounds and level > 0:
                seconds = beat / per_beat * rng.uniform(0.7, 1.1)
                sound = voice.play(key + 12 + _note(scale, degree), seconds)
                at = (number + part / per_beat + abs(rng.normal(0, rubato))) * beat
                _mix(out, at, sound, 0.25 * level)


def _add_drums(out: Sound, rng: Rng, beat: float, levels: NDArray[np.float64]) -> None:
    """Add a drum, a snare and a hat."""
    time = np.arange(round(0.2 * RATE), dtype=np.float32) / RATE
    noise = rng.normal(0, 1, len(time)).astype(np.float32)
    drum = np.sin(2 * np.pi * (55 * time + 6 * (1 - np.exp(-30 * time)))) * np.exp(-14 * time)
    snare = noise * np.exp(-rng.uniform(15, 40) * time)
    hat = np.diff(noise, prepend=0) * np.exp(-rng.uniform(50, 120) * time)
    strength = rng.uniform(0.15, 0.7)
    hats = int(rng.choice([1, 2, 4]))
    pattern = rng.random(8) < 0.4
    for number, level in enumerate(levels * strength):
        if number % 2 == 0 or pattern[number % 8]:
            _mix(out, number * beat, np.asarray(drum, np.float32), level)
        if number % 2 == 1:
            _mix(out, number * beat, np.asarray(snare, np.float32), 0.35 * level)
        for part in range(hats):
            _mix(out, (number + part / hats) * beat, np.asarray(hat, np.float32), 0.2 * level)


def _draw_dynamics(rng: Rng, samples: int, beat: float) -> Sound:
    """Return the level over time: slow changes, a soft or sudden beginning, and an end."""
    seconds = samples / RATE
    time = np.arange(samples, dtype=np.float32) / RATE
    knots = max(2, int(seconds / 12))
    slow = np.interp(time, np.linspace(0, seconds, knots), rng.uniform(0.55, 1, knots))
    rise = rng.choice([0.01, 0.01, beat, 4.0, 8.0])
    fall = rng.choice([0.02, 0.4, 2.0, 6.0])
    edges = np.minimum(1, time / rise) * np.clip((seconds - time) / fall, 0, 1)
    return np.asarray(slow * edges, np.float32)

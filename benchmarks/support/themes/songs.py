"""Songs: several styles, with scales, tempos, forms and instruments drawn from a seed."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.support.themes.instruments import (
    INSTRUMENTS,
    RATE,
    Sound,
    hat,
    kick,
    mix_in,
    snare,
)

SongStyle = Literal["rock", "ballad", "electro", "folk", "orchestra"]
STYLES: tuple[SongStyle, ...] = ("rock", "ballad", "electro", "folk", "orchestra")
"""All styles."""
_SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}


@dataclass(frozen=True, slots=True)
class _Manner:
    """What songs of a style share.

    Attributes:
        tempo: range of beats a minute.
        meter: beats a bar.
        instruments: of chords, melody and bass.
        drums: chance of each drum being played at all.
        dense: notes of the melody a beat.
    """

    tempo: tuple[int, int]
    meter: int
    instruments: tuple[str, str, str]
    drums: float
    dense: float


_MANNERS: dict[SongStyle, _Manner] = {
    "rock": _Manner((128, 176), 4, ("buzz", "sing", "buzz"), 1.0, 1.2),
    "ballad": _Manner((62, 88), 4, ("pluck", "sing", "bow"), 0.3, 0.8),
    "electro": _Manner((110, 140), 4, ("buzz", "buzz", "buzz"), 1.0, 2.2),
    "folk": _Manner((90, 130), 3, ("pluck", "pluck", "pluck"), 0.5, 1.5),
    "orchestra": _Manner((70, 110), 4, ("bow", "bow", "bow"), 0.2, 0.7),
}


@dataclass(frozen=True, slots=True)
class Song:
    """A song.

    Attributes:
        style: its style.
        seed: of everything else.
        seconds: length.
        voice: seed of the melody and the singer alone, as another singer has another one; the same
            as `seed` where None.
    """

    style: SongStyle
    seed: int
    seconds: float
    voice: int | None = None

    @property
    def beat(self) -> float:
        """Seconds a beat."""
        low, high = _MANNERS[self.style].tempo
        return 60 / float(np.random.default_rng([self.seed, 21]).uniform(low, high))


def render_song(song: Song) -> Sound:
    """Return the samples of a song, at most 0.7 in size, the first note at its very beginning."""
    manner, rng = _MANNERS[song.style], np.random.default_rng([song.seed, 22])
    scale = list(_SCALES.values())[int(rng.integers(len(_SCALES)))]
    root = 110 * 2 ** (rng.integers(0, 12) / 12)
    buffer: Sound = np.zeros(round(song.seconds * RATE), np.float32)
    bars = int(np.ceil(song.seconds / (song.beat * manner.meter)))
    parts = [rng.integers(0, 7, 4) for _ in range(3)]
    order = rng.integers(0, 3, bars // 4 + 1)
    colours = rng.uniform(0.3, 0.95, 3)
    for bar in range(bars):
        part = int(order[bar // 4])
        loud = (0.6, 0.8, 1.0)[part]
        degree = int(parts[part][bar % 4])
        _play_chords(buffer, song, manner, bar, _chord(root, scale, degree), colours[0] * loud)
        if rng.random() < manner.drums:
            _play_drums(buffer, song, manner, bar, loud)
    _play_melody(buffer, song, manner, (root, scale), colours[1])
    _add_room(buffer, rng)
    tail = min(len(buffer), round(0.6 * RATE))
    buffer[-tail:] *= np.linspace(1, 0.1, tail, dtype=np.float32)
    return (buffer * (0.7 / max(1e-6, float(np.abs(buffer).max())))).astype(np.float32)


def _add_room(buffer: Sound, rng: np.random.Generator) -> None:
    """Add echoes of a room, and the noise of a recording."""
    dry = buffer.copy()
    for delay, gain in zip(rng.integers(500, 4500, 5), rng.uniform(0.05, 0.3, 5), strict=True):
        buffer[delay:] += dry[:-delay] * np.float32(gain)
    buffer += rng.standard_normal(len(buffer), np.float32) * np.float32(1e-3)


def _chord(root: float, scale: tuple[int, ...], degree: int) -> list[float]:
    return [_pitch(root, scale, degree + step) for step in (0, 2, 4)]


def _pitch(root: float, scale: tuple[int, ...], degree: int) -> float:
    return float(root * 2 ** (degree // 7 + scale[degree % 7] / 12))


def _play_chords(
    buffer: Sound, song: Song, manner: _Manner, bar: int, chord: list[float], colour: float
) -> None:
    length, start = song.beat * manner.meter, bar * song.beat * manner.meter
    play, _, low = (INSTRUMENTS[name] for name in manner.instruments)
    split = int(np.random.default_rng([song.seed, 23]).choice([1, 2, 4, 8]))
    if manner.instruments[0] == "bow":
        split = 1
    for number in range(split):
        second = start + number * length / split
        for pitch in chord if split < 4 else [chord[number % 3] * 2]:
            mix_in(buffer, second, 0.16 * play(pitch * 2, length / split, colour))
    for beat in range(0, manner.meter, 2):
        mix_in(buffer, start + beat * song.beat, 0.3 * low(chord[0], song.beat * 1.9, 0.4))


def _play_drums(buffer: Sound, song: Song, manner: _Manner, bar: int, loud: float) -> None:
    pattern = np.random.default_rng([song.seed, 24])
    steps = manner.meter * 4
    kicks, snares, hats = (pattern.random(steps) < share for share in (0.28, 0.16, 0.5))
    kicks[0], snares[steps // 2] = True, True
    hits = np.random.default_rng([song.seed, bar, 25])
    for step in range(steps):
        second = (bar * manner.meter + step / 4) * song.beat
        for is_hit, drum, gain in ((kicks, kick, 0.8), (snares, snare, 0.4), (hats, hat, 0.3)):
            if is_hit[step]:
                mix_in(buffer, second, np.float32(gain * loud) * drum(hits))


def _play_melody(
    buffer: Sound,
    song: Song,
    manner: _Manner,
    key: tuple[float, tuple[int, ...]],
    colour: float,
) -> None:
    rng = np.random.default_rng([song.seed if song.voice is None else song.voice, 26])
    play = INSTRUMENTS[manner.instruments[1]]
    second, degree = 0.0, int(rng.integers(7, 14))
    while second < song.seconds:
        length = song.beat / manner.dense * float(rng.choice([0.5, 1, 1, 1.5, 2]))
        degree = int(np.clip(degree + rng.choice([-3, -2, -1, -1, 0, 1, 1, 2, 4]), 3, 17))
        if rng.random() < 0.85:
            tone = play(_pitch(*key, degree), length, float(np.clip(colour, 0, 1)))
            mix_in(buffer, second, np.float32(0.42) * tone)
        second += length

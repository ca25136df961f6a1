"""Sound of a story: talk, the air of its places, now and then music; any part of it by second."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from benchmarks.support.themes.instruments import RATE, Sound
from benchmarks.support.themes.songs import Song, render_song

_CHUNK = 20
"""Seconds rendered at once."""
_VOICES = 5


class SoundSource(Protocol):
    """Anything that gives sound by time."""

    def read(self, start: int, count: int) -> Sound:
        """Return `(count,)` samples from a sample's number on; silence where there is nothing."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Sound that is there as samples."""

    samples: Sound

    def read(self, start: int, count: int) -> Sound:
        """Return samples, and silence after the end."""
        part = self.samples[start : start + count]
        return np.pad(part, (0, count - len(part)))


@dataclass(frozen=True, slots=True)
class SongSound:
    """A song as a source, rendered when it is first read."""

    song: Song

    def read(self, start: int, count: int) -> Sound:
        """Return samples, and silence after the end."""
        return Recording(_render(self.song)).read(start, count)


@dataclass(frozen=True, slots=True)
class StorySound:
    """Sound of a story.

    Attributes:
        seed: of the story.
        music: songs that play under it, each from any second on.
        share: share of the story with music.
        speech: loudness of the talk.
    """

    seed: int
    music: tuple[Song, ...] = ()
    share: float = 0.5
    speech: float = 0.3

    def read(self, start: int, count: int) -> Sound:
        """Return samples from a sample's number on."""
        size = _CHUNK * RATE
        chunks = range(start // size, (start + count - 1) // size + 1)
        whole = np.concatenate([_render_chunk(self, number) for number in chunks])
        first = start - chunks[0] * size
        return whole[first : first + count]


@lru_cache(maxsize=14)
def _render(song: Song) -> Sound:
    return render_song(song)


@lru_cache(maxsize=8)
def _render_chunk(story: StorySound, number: int) -> Sound:
    rng = np.random.default_rng([story.seed, number, 31])
    count = _CHUNK * RATE
    sound = _render_air(rng, count)
    if story.speech:
        sound += np.float32(story.speech) * render_talk(rng, count)
    if story.music and rng.random() < story.share:
        song = story.music[int(rng.integers(len(story.music)))]
        length = int(rng.uniform(8, _CHUNK) * RATE)
        begin = int(rng.integers(0, count - length + 1))
        offset = int(rng.integers(0, max(1, round(song.seconds * RATE) - length)))
        under = SongSound(song).read(offset, length) * np.float32(rng.uniform(0.15, 0.5))
        ramp = np.linspace(0, 1, RATE, dtype=np.float32)
        under[:RATE] *= ramp
        under[-RATE:] *= ramp[::-1]
        sound[begin : begin + length] += under
    return sound


def _render_air(rng: np.random.Generator, count: int) -> Sound:
    """Return noise whose colour and loudness wander, with a few knocks."""
    noise = rng.standard_normal(count, np.float32)
    low = np.cumsum(noise, dtype=np.float32)
    width = int(rng.integers(12, 160))
    low[width:] -= low[:-width].copy()
    level = np.interp(np.arange(count), np.linspace(0, count, 9), rng.uniform(0.2, 1, 9))
    air = (low / np.float32(width**0.5) + 0.15 * noise) * level.astype(np.float32)
    air *= np.float32(10 ** (rng.uniform(-48, -32) / 20))
    for _ in range(int(rng.integers(0, 7))):
        at, length = int(rng.integers(0, count - 6000)), int(rng.integers(500, 6000))
        decay = np.exp(-np.arange(length, dtype=np.float32) / (length / 5))
        knock = rng.standard_normal(length, np.float32) * decay
        air[at : at + length] += np.float32(rng.uniform(0.02, 0.25)) * knock
    return air.astype(np.float32)


def render_talk(rng: np.random.Generator, count: int) -> Sound:
    """Return speech-like sound: phrases of syllables, each of a pitch and two formants."""
    talk: Sound = np.zeros(count, np.float32)
    at = int(rng.uniform(0, 2) * RATE)
    while at < count - RATE // 2:
        pitch = 95 * 2 ** (int(rng.integers(_VOICES)) / 3.2)
        for _ in range(int(rng.integers(3, 18))):
            syllable = _render_syllable(rng, pitch * rng.uniform(0.85, 1.25))
            if at + len(syllable) >= count:
                return talk
            talk[at : at + len(syllable)] += syllable
            at += int(len(syllable) * rng.uniform(0.8, 1.05))
        at += int(rng.exponential(0.9) * RATE) + RATE // 8
    return talk


def _render_syllable(rng: np.random.Generator, pitch: float) -> Sound:
    length = int(rng.uniform(0.09, 0.26) * RATE)
    t = np.arange(length, dtype=np.float32) / np.float32(RATE)
    glide = np.float32(rng.uniform(-0.6, 0.6))
    phase = np.float32(2 * np.pi * pitch) * (t + glide * t * t)
    partials = np.arange(1, 13, dtype=np.float32)
    first, second = rng.uniform(280, 850), rng.uniform(900, 2500)
    high = partials * np.float32(pitch)
    weights = np.exp(-(((high - first) / 160) ** 2)) + 0.5 * np.exp(-(((high - second) / 300) ** 2))
    voiced = np.sin(phase[:, None] * partials) @ (weights + 0.03).astype(np.float32)
    envelope = np.abs(np.sin(np.linspace(0, np.pi, length, dtype=np.float32))) ** np.float32(0.6)
    hiss = min(length // 2, int(rng.uniform(0, 0.07) * RATE))
    voiced[:hiss] = rng.standard_normal(hiss, np.float32) * np.float32(rng.uniform(0.1, 0.5))
    syllable: Sound = (voiced * envelope * np.float32(rng.uniform(0.3, 0.8))).astype(np.float32)
    return syllable

"""A stock of sounds as powers of bands, which add up like the sounds themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.themes.drawn.noises import (
    synthesize_ambience,
    synthesize_effects,
)
from whenanime_pipeline.core.learning.themes.drawn.rooms import colour_sound
from whenanime_pipeline.core.learning.themes.drawn.songs import (
    RATE,
    Rng,
    Sound,
    synthesize_song,
)
from whenanime_pipeline.core.learning.themes.drawn.talk import synthesize_talk
from whenanime_pipeline.core.sample.music import SAMPLE_RATE, compose_song
from whenanime_pipeline.core.themes.tracks.episode_tracks import FINE_HOP, SOUND_HOP, SoundTrack
from whenanime_pipeline.core.themes.tracks.sound_bands import BANDS, FINE_BANDS, compute_bands

_FLOOR = 1e-10
"""Power of silence: -100 dB, where the bands of real sound end as well."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Powers of a sound on both grids.

    Attributes:
        bands: `(n, BANDS)`.
        fine: `(m, FINE_BANDS)`.
        loudness: `(n,)`.
    """

    bands: NDArray[np.float32]
    fine: NDArray[np.float32]
    loudness: NDArray[np.float32]

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.bands) * SOUND_HOP


def make_clip(sound: Sound) -> Clip:
    """Return the powers of a sound `(samples,)` at `RATE`, at a loudness of -20 dB."""
    level = float(np.sqrt(np.mean(np.square(sound)))) or 1.0
    found = compute_bands([np.asarray(sound * (0.1 / level), np.float32)])
    powers = [10 ** (each / 10) for each in (found.bands, found.fine, found.loudness)]
    return Clip(*(np.asarray(np.maximum(0, each - _FLOOR), np.float32) for each in powers))


class SoundTimeline:
    """Sounds added up over the time of an episode."""

    def __init__(self, seconds: float) -> None:
        """Begin with silence of a length in seconds."""
        rows, fine_rows = round(seconds / SOUND_HOP), round(seconds / FINE_HOP)
        self._bands = np.full((rows, BANDS), _FLOOR, np.float32)
        self._fine = np.full((fine_rows, FINE_BANDS), _FLOOR, np.float32)
        self._loudness = np.full(rows, _FLOOR, np.float32)

    def add(self, clip: Clip, span: tuple[float, float], gain: float, begin: float = 0.0) -> None:
        """Add a clip from `begin` of it on, over and over until the span is full.

        Args:
            clip: to add.
            span: seconds of the episode from which to which.
            gain: decibels.
            begin: second of the clip to begin at.
        """
        scale = np.float32(10 ** (gain / 10))
        for target, source, hop in (
            (self._bands, clip.bands, SOUND_HOP),
            (self._fine, clip.fine, FINE_HOP),
            (self._loudness, clip.loudness, SOUND_HOP),
        ):
            low, high = round(span[0] / hop), min(len(target), round(span[1] / hop))
            if high > low:
                rows = (np.arange(high - low) + round(begin / hop)) % len(source)
                target[low:high] += source[rows] * scale

    def to_track(self, gain: float = 0.0) -> SoundTrack:
        """Return the sum as the track of an episode, louder by `gain` decibels."""
        bands, fine, loudness = (
            (10 * np.log10(each) + gain).astype(np.float32)
            for each in (self._bands, self._fine, self._loudness)
        )
        return SoundTrack(bands, fine, loudness, np.zeros(len(bands), np.bool_), language="")


@dataclass(frozen=True, slots=True)
class Stock:
    """Clips by kind: `songs`, `talk`, `air`, `effects`."""

    clips: Mapping[str, tuple[Clip, ...]]

    def choose(self, rng: Rng, kind: str) -> Clip:
        """Return a random clip of a kind."""
        clips = self.clips[kind]
        return clips[int(rng.integers(len(clips)))]


def make_stock(
    seed: int,
    *,
    songs: int = 120,
    others: int = 36,
    progress: Callable[[float], None] | None = None,
) -> Stock:
    """Synthesise a stock.

    Args:
        seed: decides everything.
        songs: number of songs, of 90 s; one in twelve is the drawn sample's.
        others: number of clips of each other kind, of 60 s.
        progress: receives the share that is done, from 0 to 1.
    """
    makers: dict[str, tuple[int, float, Callable[[Rng, float], Sound]]] = {
        "songs": (songs, 90.0, _make_song),
        "talk": (others, 60.0, synthesize_talk),
        "air": (others, 60.0, synthesize_ambience),
        "effects": (others, 60.0, synthesize_effects),
    }
    total, done = sum(count for count, _, _ in makers.values()), 0
    clips: dict[str, tuple[Clip, ...]] = {}
    for number, (kind, (count, seconds, make)) in enumerate(makers.items()):
        made = []
        for each in range(count):
            rng = np.random.default_rng([seed, number, each])
            made.append(make_clip(colour_sound(rng, make(rng, seconds))))
            done += 1
            if progress is not None:
                progress(done / total)
        clips[kind] = tuple(made)
    return Stock(clips)


def _make_song(rng: Rng, seconds: float) -> Sound:
    if rng.random() >= 1 / 12:
        return synthesize_song(rng, seconds)
    song = compose_song(int(rng.integers(1 << 30)), round(seconds * SAMPLE_RATE), 0.5)
    spectrum = np.fft.rfft(song)[: round(seconds * RATE) // 2 + 1]
    return np.asarray(np.fft.irfft(spectrum, round(seconds * RATE)), np.float32)

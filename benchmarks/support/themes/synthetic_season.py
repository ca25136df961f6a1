"""Seasons of any size as tracks alone, for what matching costs; made when they are looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.themes.tracks.episode_tracks import (
    FINE_HOP,
    PICTURE_HOP,
    SOUND_HOP,
    EpisodeTracks,
    PictureTrack,
    SoundTrack,
)

_BANDS, _FINE_BANDS, _DIMENSION = 33, 8, 128
_DRAWING = 3.2
"""Seconds that a distinct picture is shown for on average, as in limited animation."""
OPENING, ENDING = 89.9, 90.0
"""Seconds of the themes."""


@dataclass(frozen=True, slots=True)
class SyntheticSeason(Sequence[EpisodeTracks]):
    """Episodes that share an opening near their beginning and an ending near their end.

    Attributes:
        episodes: their number.
        minutes: length of each.
        seed: of everything.
    """

    episodes: int
    minutes: float = 24.0
    seed: int = 0

    def __len__(self) -> int:
        return self.episodes

    @overload
    def __getitem__(self, index: int) -> EpisodeTracks: ...

    @overload
    def __getitem__(self, index: slice) -> list[EpisodeTracks]: ...

    def __getitem__(self, index: int | slice) -> EpisodeTracks | list[EpisodeTracks]:
        """Return an episode, made again each time."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self.episodes))]
        if not -self.episodes <= index < self.episodes:
            raise IndexError(index)
        return self._make(index % self.episodes)

    def __iter__(self) -> Iterator[EpisodeTracks]:
        return (self._make(number) for number in range(self.episodes))

    def place_themes(self, number: int) -> tuple[float, float]:
        """Return the seconds at which opening and ending of an episode begin."""
        rng = np.random.default_rng([self.seed, number, 71])
        late = self.minutes * 60 - ENDING - rng.uniform(0, 40)
        return float(rng.uniform(0, 150)), float(late)

    def _make(self, number: int) -> EpisodeTracks:
        places = self.place_themes(number)
        sound = self._make_sound(number, places)
        pictures = self._make_pictures(number, places)
        name = f"{self.seed:016x}{number:016x}"
        return EpisodeTracks(name, number + 1, self.minutes * 60, 23.976, sound, pictures, None, ())

    def _make_sound(self, number: int, places: tuple[float, float]) -> SoundTrack:
        bands, fine = (
            self._make_levels(number, places, hop, width)
            for hop, width in ((SOUND_HOP, _BANDS), (FINE_HOP, _FINE_BANDS))
        )
        loudness = bands.max(1)
        return SoundTrack(bands, fine, loudness, np.zeros(len(bands), bool), "jpn")

    def _make_levels(
        self, number: int, places: tuple[float, float], hop: float, width: int
    ) -> NDArray[np.float32]:
        levels = _draw_levels([self.seed, number, width], round(self.minutes * 60 / hop), width)
        for kind, (start, seconds) in enumerate(zip(places, (OPENING, ENDING), strict=True)):
            first, rows = round(start / hop), round(seconds / hop)
            shared = _draw_levels([self.seed, 10**6 + kind, width], rows, width)
            levels[first : first + rows] = shared[: len(levels) - first]
        return levels

    def _make_pictures(self, number: int, places: tuple[float, float]) -> PictureTrack:
        slots = round(self.minutes * 60 / PICTURE_HOP)
        shown, vectors = _draw_pictures([self.seed, number, 72], slots)
        for kind, (start, seconds) in enumerate(zip(places, (OPENING, ENDING), strict=True)):
            first, length = round(start / PICTURE_HOP), round(seconds / PICTURE_HOP)
            theirs, extra = _draw_pictures([self.seed, 10**6 + kind, 72], length)
            theirs = theirs[: slots - first] + len(vectors)
            shown[first : first + len(theirs)] = theirs
            vectors = np.concatenate([vectors, extra])
        cuts = (np.flatnonzero(np.diff(shown)) + 1).astype(np.float64) * PICTURE_HOP
        hashes = np.random.default_rng([self.seed, number, 73]).integers(
            0, 2**63, len(vectors), np.uint64
        )
        return PictureTrack(
            shown.astype(np.int32), vectors, hashes, np.zeros(len(vectors), bool), cuts
        )


def _draw_levels(seed: Sequence[int], rows: int, width: int) -> NDArray[np.float32]:
    """Return `(rows, width)` levels in decibels that change from row to row, and wander."""
    rng = np.random.default_rng(seed)
    quick = rng.standard_normal((rows, width), np.float32) * 6
    slow = np.repeat(rng.standard_normal((rows // 40 + 1, width), np.float32), 40, 0)[:rows] * 5
    levels: NDArray[np.float32] = quick + slow - 38
    return levels


def _draw_pictures(
    seed: Sequence[int], slots: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return which picture each slot shows, and the vectors of unit length of the pictures."""
    rng = np.random.default_rng(seed)
    is_new = rng.random(slots) < PICTURE_HOP / _DRAWING
    shown = np.cumsum(is_new.astype(np.int64))
    vectors = rng.standard_normal((int(shown[-1]) + 1, _DIMENSION), np.float32)
    vectors += np.float32(0.8) * np.ones(_DIMENSION, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return shown, vectors

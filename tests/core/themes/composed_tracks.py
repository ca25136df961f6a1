"""Composes the tracks of episodes, without video or sound files, with exact truth.

A sound is a sum of random waves over time and bands, a film a list of shots that drift through the
embedding space. Both are defined at every moment, so that pieces of them can start at any fraction
of a row. Nothing is drawn and nothing decoded: a season takes milliseconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.themes.segments import SegmentType
from whenanime_pipeline.core.themes.tracks.episode_tracks import (
    FINE_HOP,
    PICTURE_HOP,
    SOUND_HOP,
    EpisodeTracks,
    PictureTrack,
    SoundTrack,
)

BANDS = 33
FINE_BANDS = 11
BAND_OCTAVES = np.log2(3600 / 200) / BANDS
"""Octaves of a band, by which a faster playback moves the spectrum."""
DIMENSION = 48
_FLOOR = 1e-10
"""Energy of digital silence."""
_STILL = 0.25
"""Seconds for which a drawn picture stands before the next drawing."""

Array = NDArray[np.float64]


class Sound(Protocol):
    """A sound that is defined at every second from 0 on."""

    def energies(self, seconds: Array, bands: Array) -> Array:
        """Return the energies `(t, b)` at some seconds and (fractions of) bands."""


@dataclass(frozen=True)
class Music:
    """A song: waves over time and bands, at some level in decibels."""

    seed: int
    level: float = -28.0

    def energies(self, seconds: Array, bands: Array) -> Array:
        return np.asarray(10 ** (0.1 * (self.level + 7.0 * _waves(self.seed, seconds, bands, 3.5))))


@dataclass(frozen=True)
class Talk:
    """Speech: bursts of about two seconds with pauses, over a soft room tone."""

    seed: int
    level: float = -30.0

    def energies(self, seconds: Array, bands: Array) -> Array:
        speech = self.level + 7.0 * _waves(self.seed, seconds, bands, 5.0)
        burst = _waves(self.seed + 1_000_003, seconds, np.zeros(1), 0.4)
        room = self.level - 22 + 3.0 * _waves(self.seed + 2_000_003, seconds, bands, 4.0)
        is_talking = 1 / (1 + np.exp(-12 * (burst + 0.4)))
        return np.asarray(10 ** (0.1 * speech) * is_talking + 10 ** (0.1 * room))


@cache
def _wave_numbers(seed: int, highest: float) -> tuple[Array, Array, Array]:
    random = np.random.default_rng(seed)
    count = 40
    frequency = random.uniform(0.05, highest, count)
    across = random.normal(0, 0.12, count)
    return frequency, across, random.uniform(0, 2 * np.pi, count)


def _waves(seed: int, seconds: Array, bands: Array, highest: float) -> Array:
    """Return a random field `(t, b)` of unit variance, with waves of up to `highest` hertz."""
    frequency, across, phase = _wave_numbers(seed, highest)
    along = 2 * np.pi * seconds[:, None] * frequency + phase
    over = 2 * np.pi * across[:, None] * bands
    waves = np.cos(along) @ np.cos(over) - np.sin(along) @ np.sin(over)
    return np.asarray(waves * np.sqrt(2 / len(frequency)))


@dataclass(frozen=True)
class Film:
    """Shots whose pictures drift a little.

    Attributes:
        seed: of the shots.
        is_black: whether it is black instead.
        shot: mean seconds of a shot.
        drift: whether pictures move; a card stands still.
    """

    seed: int
    is_black: bool = False
    shot: float = 2.4
    drift: bool = True

    def shots(self) -> tuple[Array, NDArray[np.float64], NDArray[np.float64]]:
        """Return the seconds at which shots begin, their pictures, and how these drift."""
        return _make_shots(self.seed, self.shot)

    def cuts(self, start: float, end: float) -> Array:
        """Return the cuts strictly between two seconds."""
        begins = self.shots()[0]
        return np.zeros(0) if self.is_black else begins[(begins > start) & (begins < end)]

    def pictures(self, seconds: Array) -> Array:
        """Return unit vectors `(t, DIMENSION)` of the pictures on screen."""
        if self.is_black:
            return np.broadcast_to(_unit(np.ones(DIMENSION)), (len(seconds), DIMENSION)).copy()
        begins, bases, drifts = self.shots()
        shot = np.searchsorted(begins, seconds, "right") - 1
        since = np.floor((seconds - begins[shot]) / _STILL) * _STILL * self.drift
        return _unit(bases[shot] + since[:, None] * drifts[shot])


@cache
def _make_shots(seed: int, mean: float) -> tuple[Array, Array, Array]:
    random = np.random.default_rng(seed + 77)
    lengths = random.uniform(0.45 * mean, 1.55 * mean, round(420 / mean))
    begins = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    scale = np.arange(1, DIMENSION + 1) ** -0.3
    bases = _unit(random.normal(0, 1, (len(begins), DIMENSION)) * scale)
    drifts = 0.12 * _unit(random.normal(0, 1, (len(begins), DIMENSION)) * scale)
    return begins, bases + 0.8 * _unit(np.ones(DIMENSION)), drifts


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


BLACK = Film(0, is_black=True)


@dataclass(frozen=True)
class Piece:
    """A stretch of an episode.

    Attributes:
        seconds: its length.
        sounds: what is heard, mixed: each sound with the second at which it is joined.
        film: what is seen, and `film_from` the second at which it is joined.
        type: of the theme that it belongs to; None for story.
        lettering: how much letters of its own change its pictures, as names in credits do.
    """

    seconds: float
    sounds: tuple[tuple[Sound, float], ...]
    film: Film
    film_from: float = 0.0
    type: SegmentType | None = None
    lettering: float = 0.0

    def over(self, sound: Sound) -> "Piece":
        """Return the piece with a sound mixed over its own."""
        return replace(self, sounds=(*self.sounds, (sound, 0.0)))

    def cut(self, start: float, end: float | None = None) -> "Piece":
        """Return the part of the piece between two of its seconds."""
        return replace(
            self,
            seconds=(self.seconds if end is None else end) - start,
            sounds=tuple((sound, at + start) for sound, at in self.sounds),
            film_from=self.film_from + start,
        )


def story(seed: int, seconds: float, start: float = 0.0) -> Piece:
    """Return story: a film and talk of its own."""
    return Piece(seconds, ((Talk(seed * 31 + 5), start),), Film(seed * 31 + 5), start)


def theme(kind: SegmentType | None, seed: int, seconds: float, **changes: object) -> Piece:
    """Return a theme: a song and a film of its own."""
    piece = Piece(seconds, ((Music(seed * 17 + 3), 0.0),), Film(seed * 17 + 3, shot=1.7), type=kind)
    return replace(piece, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Release:
    """How an episode was encoded.

    Attributes:
        gain: decibels of its sound.
        speed: seconds of the film that it shows a second, more than 1 for PAL.
        sound_noise: decibels of noise in its bands.
        picture_noise: length of the noise in its embeddings.
    """

    gain: float = 0.0
    speed: float = 1.0
    frame_rate: float = 23.976
    sound_noise: float = 0.8
    picture_noise: float = 0.08
    has_sound: bool = True
    has_pictures: bool = True


@dataclass(frozen=True)
class Composed:
    """An episode with its truth: type, start and end of each theme, in order of time."""

    tracks: EpisodeTracks
    truth: tuple[tuple[SegmentType, float, float], ...]
    pieces: tuple[tuple[Piece, float, float], ...] = field(repr=False)


def compose(
    number: int,
    pieces: Sequence[Piece],
    release: Release | None = None,
    chapters: Sequence[Chapter] = (),
) -> Composed:
    """Compose an episode.

    Args:
        number: of the episode; its noise and lettering go by it too.
        pieces: in order of time.
        release: how it was encoded.
        chapters: that its file names.
    """
    with threadpool_limits(1, user_api="blas"):
        return _compose(number, pieces, release or Release(), chapters)


def _compose(
    number: int, pieces: Sequence[Piece], release: Release, chapters: Sequence[Chapter]
) -> Composed:
    random = np.random.default_rng(number + 9000)
    ends = np.cumsum([piece.seconds for piece in pieces]) / release.speed
    starts = np.concatenate([[0.0], ends[:-1]])
    placed = tuple(zip(pieces, starts.tolist(), ends.tolist(), strict=True))
    duration = float(ends[-1])
    tracks = EpisodeTracks(
        f"episode-{number:03d}",
        number,
        duration,
        release.frame_rate,
        _compose_sound(placed, duration, release, random) if release.has_sound else None,
        _compose_pictures(placed, duration, release, random) if release.has_pictures else None,
        None,
        tuple(chapters),
    )
    return Composed(tracks, _find_truth(placed), placed)


def _find_truth(
    placed: Iterable[tuple[Piece, float, float]],
) -> tuple[tuple[SegmentType, float, float], ...]:
    """Return the themes; pieces of one type that follow each other are one."""
    truth: list[tuple[SegmentType, float, float]] = []
    for piece, start, end in placed:
        if piece.type is None:
            continue
        if truth and truth[-1][0] == piece.type and abs(truth[-1][2] - start) < 1e-9:
            start = truth.pop()[1]
        truth.append((piece.type, start, end))
    return tuple(truth)


def _compose_sound(
    placed: Sequence[tuple[Piece, float, float]],
    duration: float,
    release: Release,
    random: np.random.Generator,
) -> SoundTrack:
    bands = np.arange(BANDS, dtype=np.float64) - np.log2(release.speed) / BAND_OCTAVES
    energies = _mix(placed, np.arange(0, duration, SOUND_HOP), SOUND_HOP, bands, release.speed)
    coarse = bands.reshape(FINE_BANDS, -1).mean(1)
    fine = _mix(placed, np.arange(0, duration, FINE_HOP), FINE_HOP, coarse, release.speed)
    loudness = 10 * np.log10(energies.sum(1)) + release.gain
    levels = []
    for one in (energies, fine):
        noise = random.normal(0, release.sound_noise, one.shape)
        levels.append((10 * np.log10(one) + noise + release.gain).astype(np.float32))
    return SoundTrack(
        levels[0],
        levels[1],
        loudness.astype(np.float32),
        np.zeros(len(loudness), np.bool_),
        "jpn",
    )


def _mix(
    placed: Iterable[tuple[Piece, float, float]],
    seconds: Array,
    window: float,
    bands: Array,
    speed: float,
) -> Array:
    """Return the energies at some seconds, averaged over a window where pieces meet."""
    total = np.full((len(seconds), len(bands)), _FLOOR)
    for piece, start, end in placed:
        low, high = np.searchsorted(seconds, (start - window / 2, end + window / 2))
        at = seconds[low:high]
        inside = np.clip((at - start) / window + 0.5, 0, 1)
        inside *= np.clip((end - at) / window + 0.5, 0, 1)
        for sound, joined in piece.sounds:
            total[low:high] += inside[:, None] * sound.energies(
                joined + (at - start) * speed, bands
            )
    return total


def _compose_pictures(
    placed: Sequence[tuple[Piece, float, float]],
    duration: float,
    release: Release,
    random: np.random.Generator,
) -> PictureTrack:
    seconds = (np.arange(int(duration / PICTURE_HOP)) + 0.5) * PICTURE_HOP
    vectors = np.zeros((len(seconds), DIMENSION))
    is_flat = np.zeros(len(seconds), np.bool_)
    cuts: list[float] = [start for (_, start, _) in placed[1:]]
    for (before, _, _), (after, start, _) in pairwise(placed):
        if before.film.is_black and after.film.is_black:
            cuts.remove(start)
    for piece, start, end in placed:
        low, high = np.searchsorted(seconds, (start, end))
        at = np.asarray(piece.film_from + (seconds[low:high] - start) * release.speed, np.float64)
        vectors[low:high] = piece.film.pictures(at)
        if piece.lettering:
            letters = _unit(random.normal(0, 1, (1 + int(piece.seconds / 3), DIMENSION)))
            card = ((seconds[low:high] - start) * release.speed / 3).astype(np.int64)
            vectors[low:high] += piece.lettering * letters[np.minimum(card, len(letters) - 1)]
        is_flat[low:high] = piece.film.is_black
        inner = piece.film.cuts(piece.film_from, piece.film_from + piece.seconds)
        cuts += (start + (inner - piece.film_from) / release.speed).tolist()
    return _sample_pictures(vectors, is_flat, np.sort(cuts), release, random)


def _sample_pictures(
    vectors: Array,
    is_flat: NDArray[np.bool_],
    cuts: Array,
    release: Release,
    random: np.random.Generator,
) -> PictureTrack:
    """Return the track of the pictures on the grid, each distinct one stored once."""
    is_new = np.concatenate([[True], np.abs(np.diff(vectors, axis=0)).max(1) > 1e-9])
    distinct = vectors[is_new]
    noise = release.picture_noise * _unit(random.normal(0, 1, distinct.shape))
    # The first row that shows the new picture begins up to a row after the cut.
    rows = np.ceil(cuts / PICTURE_HOP - 0.5)
    return PictureTrack(
        (np.cumsum(is_new) - 1).astype(np.int32),
        _unit(distinct + noise).astype(np.float32),
        random.integers(0, 2**63, len(distinct)).astype(np.uint64),
        is_flat[is_new],
        np.unique((rows + 0.5) * PICTURE_HOP),
    )

"""Types of the tracks that themes are found in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.media.chapters import Chapter

SOUND_HOP = 0.12
"""Seconds between two rows of a sound track's bands."""
FINE_HOP = 0.032
"""Seconds between two rows of a sound track's fine bands."""
PICTURE_HOP = 0.125
"""Seconds between two rows of a picture track."""
TEXT_HOP = 4.0
"""Seconds between two samples of a text track."""


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """Sound of an episode.

    Attributes:
        bands: `(n, BANDS)` float32, log energies of bands in decibels, row `i` centred at second
            `i * SOUND_HOP` of the player's clock.
        fine: `(m, FINE_BANDS)` float32, log energies of few bands in decibels, row `i` centred at
            second `i * FINE_HOP`.
        loudness: `(n,)` float32, decibels of full scale, at the rows of `bands`.
        is_missing: `(n,)` bool, rows for which nothing could be decoded; they are no silence.
        language: of the sound stream as the file says, such as `jpn`; empty where it says none.
    """

    bands: NDArray[np.float32]
    fine: NDArray[np.float32]
    loudness: NDArray[np.float32]
    is_missing: NDArray[np.bool_]
    language: str


@dataclass(frozen=True, slots=True)
class PictureTrack:
    """Pictures of an episode on a grid of `PICTURE_HOP` seconds.

    Attributes:
        frames: `(n,)` int32, row of `vectors` on screen at second `(i + 0.5) * PICTURE_HOP`; -1
            where nothing was sampled.
        vectors: `(frames, dimension)` float32 of unit length, embeddings of the distinct pictures.
        hashes: `(frames,)` uint64, their perceptual hashes.
        is_flat: `(frames,)` bool, pictures that show next to nothing, such as black.
        cuts: `(c,)` float64, seconds at which the picture changes as a whole, sorted; each lies up
            to `PICTURE_HOP` after the true cut.
    """

    frames: NDArray[np.int32]
    vectors: NDArray[np.float32]
    hashes: NDArray[np.uint64]
    is_flat: NDArray[np.bool_]
    cuts: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TextTrack:
    """How much of the picture is text, near an episode's beginning and end.

    Attributes:
        seconds: `(n,)` float64, when the samples were taken, sorted.
        share: `(n,)` float32, share of the picture that is text, from 0 to 1.
    """

    seconds: NDArray[np.float64]
    share: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EpisodeTracks:
    """One episode as themes are found in it.

    Attributes:
        fingerprint: of its content.
        number: of the (first) episode; None where it has none.
        duration: seconds.
        frame_rate: frames a second of the video, from which speeds are found; None if unknown.
        sound: None without sound.
        pictures: None where no pictures are stored.
        text: None without the text detector.
        chapters: as the file names them, in order of time.
    """

    fingerprint: str
    number: int | None
    duration: float
    frame_rate: float | None
    sound: SoundTrack | None
    pictures: PictureTrack | None
    text: TextTrack | None
    chapters: tuple[Chapter, ...] = ()

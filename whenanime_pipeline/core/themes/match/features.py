"""Features of an episode on one grid of time, made to be compared with other episodes.

Sound and pictures stand on the same grid, and in the time of the season: an episode that plays
faster than the others, as PAL releases do, is stretched here once, and its results are brought
back to its own time at the very end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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

HOP = PICTURE_HOP
"""Seconds between two rows of the features."""
_MEAN_SECONDS = 1.5
"""Length of the running mean that is taken from each band: a level says nothing, a change does."""
_FINE_MEAN_SECONDS = 10.0
"""Likewise for fine bands: a short mean reaches over a bound, and moves the step by up to 0.3 s."""
_QUIET_BELOW_LOUD = 45.0
"""Decibels below an episode's loud parts from which on its sound is silence, and no evidence."""
_SILENCE = -66.0
"""Decibels of full scale below which sound is silence in any episode."""
_COMPONENTS = 40
"""Principal components of the embeddings that are compared: 40 keep the order of 128."""
_BAND_OCTAVES = np.log2(3600 / 200) / 33
"""Octaves that a band of a sound track covers."""
_PICTURES_OF_EPISODE = 600
"""Pictures of each episode from which the season's projection is fitted."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Projection of embeddings to what distinguishes the pictures of one season.

    Attributes:
        mean: `(d,)`, the season's mean embedding.
        axes: `(d, components)`, orthonormal.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rows:
    """Features of one modality.

    Attributes:
        values: `(n, d)` float32, rows of unit length; zero where there is no evidence.
        is_known: `(n,)` bool, whether there is evidence: neither silence nor a flat picture.
    """

    values: NDArray[np.float32]
    is_known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class EpisodeFeatures:
    """Features of an episode in the season's time; row `i` stands for second `(i + 0.5) * HOP`.

    Attributes:
        fingerprint: of the episode's content.
        speed: seconds of the episode's own time for a second of the season's time.
        duration: seconds of the season's time.
        sound: whitened bands; None without sound.
        pictures: projected embeddings; None without pictures.
        fine: `(m, bands)` float32, decibels of few bands above their running mean, row `i` centred
            at second `i * fine_hop`; not a number in silence. None without sound.
        fine_hop: seconds between its rows.
        cuts: seconds at which the picture changes as a whole, each up to `HOP` after the true cut.
    """

    fingerprint: str
    speed: float
    duration: float
    sound: Rows | None
    pictures: Rows | None
    fine: NDArray[np.float32] | None
    fine_hop: float
    cuts: NDArray[np.float64]

    def __len__(self) -> int:
        return int(self.duration / HOP)


def fit_projection(tracks: Sequence[PictureTrack]) -> Projection | None:
    """Fit the projection of a season's embeddings.

    Args:
        tracks: of some of its episodes, with embeddings of one model.

    Returns:
        The projection; None when there are no pictures.
    """
    chosen = [
        track.vectors[:: max(1, len(track.vectors) // _PICTURES_OF_EPISODE)] for track in tracks
    ]
    vectors = np.concatenate(chosen) if chosen else np.zeros((0, 1), np.float32)
    if not len(vectors):
        return None
    mean = vectors.mean(0)
    centred = vectors - mean
    _, axes = np.linalg.eigh(centred.T @ centred)
    return Projection(mean, np.ascontiguousarray(axes[:, ::-1][:, :_COMPONENTS], np.float32))


def compute_features(
    tracks: EpisodeTracks, projection: Projection | None, speed: float = 1.0
) -> EpisodeFeatures:
    """Return an episode's features in the season's time.

    Args:
        tracks: of the episode.
        projection: of the season; None when it has no pictures.
        speed: seconds of the episode's time for a second of the season's; its sound is as much
            higher, as in a film that plays faster, where it is not 1.
    """
    duration = tracks.duration / speed
    rows = np.asarray((np.arange(int(duration / HOP)) + 0.5) * HOP * speed, np.float64)
    sound, fine, pictures, cuts = None, None, None, np.zeros(0)
    if tracks.sound is not None and not tracks.sound.is_missing.all():
        sound = _compute_sound(tracks.sound, rows, speed)
        fine = _compute_fine(tracks.sound)
    if tracks.pictures is not None and projection is not None:
        pictures = _compute_pictures(tracks.pictures, rows, projection)
        cuts = tracks.pictures.cuts / speed
    return EpisodeFeatures(
        tracks.fingerprint, speed, duration, sound, pictures, fine, FINE_HOP / speed, cuts
    )


def _compute_sound(track: SoundTrack, rows: NDArray[np.float64], speed: float) -> Rows:
    """Return the whitened bands at some seconds of the track."""
    places = rows / SOUND_HOP
    first = np.clip(places.astype(np.int64), 0, len(track.bands) - 1)
    second = np.minimum(first + 1, len(track.bands) - 1)
    share = (places - first).astype(np.float32)[:, None]
    bands = (1 - share) * track.bands[first] + share * track.bands[second]
    if speed != 1:
        bands = _shift_bands(bands, -np.log2(speed) / _BAND_OCTAVES)
    loudness = np.minimum(track.loudness[first], track.loudness[second])
    floor = max(_SILENCE, float(np.percentile(track.loudness, 90)) - _QUIET_BELOW_LOUD)
    is_evidence = (loudness > floor) & ~track.is_missing[first] & (places < len(track.bands))
    bands = np.maximum(bands, bands.max(initial=floor) - 80).astype(np.float32)
    changes = bands - _average(bands, round(_MEAN_SECONDS / HOP))
    return _normalise(changes, is_evidence)


def _compute_fine(track: SoundTrack) -> NDArray[np.float32]:
    """Return the fine bands above their running mean; not a number where there is silence."""
    top = float(track.fine.max(initial=-80))
    levels = np.maximum(track.fine, top - 60)
    is_silent = levels.max(1) < max(_SILENCE, top - _QUIET_BELOW_LOUD)
    fine = levels - _average(levels, round(_FINE_MEAN_SECONDS / FINE_HOP))
    fine[is_silent] = np.nan
    return fine


def _shift_bands(bands: NDArray[np.float32], by: float) -> NDArray[np.float32]:
    """Move a spectrum down by a number of bands, so that raised sound lies where it was."""
    places = np.clip(np.arange(bands.shape[1]) + by, 0, bands.shape[1] - 1)
    low = np.minimum(places.astype(np.int64), bands.shape[1] - 2)
    share = (places - low).astype(np.float32)
    shifted: NDArray[np.float32] = bands[:, low] * (1 - share) + bands[:, low + 1] * share
    return shifted


def _average(rows: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the running mean over an odd number of rows about `width`, narrower at the ends."""
    half = width // 2
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, 0, dtype=np.float64)])
    at = np.arange(len(rows))
    low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, len(rows))
    mean: NDArray[np.float32] = ((sums[high] - sums[low]) / (high - low)[:, None]).astype(
        np.float32
    )
    return mean


def _compute_pictures(
    track: PictureTrack, rows: NDArray[np.float64], projection: Projection
) -> Rows:
    """Return the projected embeddings at some seconds of the track."""
    places = np.minimum((rows / PICTURE_HOP).astype(np.int64), len(track.frames) - 1)
    frames = track.frames[places]
    projected = ((track.vectors - projection.mean) @ projection.axes).astype(np.float32)
    distinct = _normalise(projected, ~track.is_flat)
    is_known = distinct.is_known[frames] & (frames >= 0)
    return Rows(distinct.values[frames] * is_known[:, None], is_known)


def _normalise(rows: NDArray[np.float32], is_evidence: NDArray[np.bool_]) -> Rows:
    """Return rows of unit length, zero where there is no evidence."""
    lengths = np.linalg.norm(rows, axis=1)
    is_known = is_evidence & (lengths > 1e-6)
    unit = np.where(is_known[:, None], rows / np.maximum(lengths, 1e-6)[:, None], 0)
    return Rows(unit.astype(np.float32, copy=False), is_known)

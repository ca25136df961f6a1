"""Simple tracks for tests of the tagger: noise, a beat, shots of random vectors."""

import numpy as np

from whenanime_pipeline.core.themes.tracks.episode_tracks import (
    FINE_HOP,
    PICTURE_HOP,
    SOUND_HOP,
    EpisodeTracks,
    PictureTrack,
    SoundTrack,
    TextTrack,
)


def make_sound(seconds: float, *, beat: float | None = None, seed: int = 0) -> SoundTrack:
    """Return noise, with the onsets of a beat of so many seconds if one is given."""
    rng = np.random.default_rng(seed)
    rows, fine_rows = round(seconds / SOUND_HOP), round(seconds / FINE_HOP)
    fine = rng.normal(-40, 3, (fine_rows, 8)).astype(np.float32)
    if beat is not None:
        fine[(np.arange(fine_rows) * FINE_HOP) % beat < FINE_HOP] += 20
    return SoundTrack(
        bands=rng.normal(-40, 4, (rows, 33)).astype(np.float32),
        fine=fine,
        loudness=rng.normal(-20, 2, rows).astype(np.float32),
        is_missing=np.zeros(rows, np.bool_),
        language="",
    )


def make_pictures(seconds: float, *, shot: float = 4.0, seed: int = 0) -> PictureTrack:
    """Return shots of so many seconds, each of one picture that is held."""
    rng = np.random.default_rng(seed)
    rows = round(seconds / PICTURE_HOP)
    frames = (np.arange(rows) * PICTURE_HOP // shot).astype(np.int32)
    vectors = rng.normal(0, 1, (frames[-1] + 1, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return PictureTrack(
        frames=frames,
        vectors=vectors.astype(np.float32),
        hashes=np.zeros(len(vectors), np.uint64),
        is_flat=np.zeros(len(vectors), np.bool_),
        cuts=np.arange(1, len(vectors), dtype=np.float64) * shot,
    )


def make_tracks(
    seconds: float,
    *,
    sound: SoundTrack | None = None,
    pictures: PictureTrack | None = None,
    text: TextTrack | None = None,
) -> EpisodeTracks:
    """Return an episode of such tracks."""
    return EpisodeTracks("test", 1, seconds, 24.0, sound, pictures, text)

"""Features compare sounds of any level, and know what is no evidence."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.match.features import (
    HOP,
    compute_features,
    fit_projection,
)
from whenanime_pipeline.core.themes.tracks.episode_tracks import (
    FINE_HOP,
    SOUND_HOP,
    EpisodeTracks,
    PictureTrack,
    SoundTrack,
)

SECONDS = 30.0


def make_sound(seed: int = 1, gain: float = 0.0) -> SoundTrack:
    random = np.random.default_rng(seed)
    rows, fine = round(SECONDS / SOUND_HOP), round(SECONDS / FINE_HOP)
    bands = random.normal(-35, 7, (rows, 33)).astype(np.float32)
    return SoundTrack(
        bands + np.float32(gain),
        random.normal(-35, 7, (fine, 8)).astype(np.float32) + np.float32(gain),
        bands.max(1) + np.float32(gain),
        np.zeros(rows, np.bool_),
        "",
    )


def make_pictures(seed: int = 1, count: int = 20) -> PictureTrack:
    vectors = np.random.default_rng(seed).normal(0, 1, (count, 64)).astype(np.float32)
    rows = round(SECONDS / HOP)
    return PictureTrack(
        (np.arange(rows) * count // rows).astype(np.int32),
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        np.arange(count, dtype=np.uint64),
        np.zeros(count, np.bool_),
        np.array([4.06, 11.94]),
    )


def make_tracks(sound: SoundTrack | None, pictures: PictureTrack | None) -> EpisodeTracks:
    return EpisodeTracks("one", 1, SECONDS, 24.0, sound, pictures, None)


@settings(max_examples=20)
@given(gain=st.floats(-20, 6))
def test_the_level_of_the_sound_makes_no_difference(gain: float) -> None:
    usual = compute_features(make_tracks(make_sound(), None), None).sound
    other = compute_features(make_tracks(make_sound(gain=gain), None), None).sound
    assert usual is not None
    assert other is not None
    np.testing.assert_allclose(other.values, usual.values, atol=1e-3)
    np.testing.assert_array_equal(other.is_known, usual.is_known)


def test_silence_and_what_could_not_be_decoded_are_no_evidence() -> None:
    sound = make_sound()
    sound.bands[50:100] = -90
    sound.loudness[50:100] = -90
    sound.is_missing[150:200] = True
    rows = compute_features(make_tracks(sound, None), None).sound
    assert rows is not None
    at = (np.arange(len(rows)) + 0.5) * HOP / SOUND_HOP
    assert not rows.is_known[(at > 50) & (at < 99)].any()
    assert not rows.is_known[(at > 150) & (at < 199)].any()
    assert rows.is_known[(at < 48) | ((at > 101) & (at < 149))].all()
    np.testing.assert_allclose(np.linalg.norm(rows.values, axis=1), rows.is_known, atol=1e-5)


def test_flat_pictures_and_gaps_are_no_evidence() -> None:
    pictures = make_pictures()
    pictures.is_flat[3] = True
    pictures.frames[-30:] = -1
    features = compute_features(make_tracks(None, pictures), fit_projection([pictures]))
    assert features.pictures is not None
    np.testing.assert_array_equal(
        features.pictures.is_known, (pictures.frames != 3) & (pictures.frames >= 0)
    )
    assert not features.pictures.values[~features.pictures.is_known].any()
    assert len(features) == len(features.pictures) == round(SECONDS / HOP)


def test_missing_tracks_have_no_features() -> None:
    features = compute_features(make_tracks(None, None), None)
    assert (features.sound, features.pictures, features.fine) == (None, None, None)
    sound = make_sound()
    missing = replace(sound, is_missing=np.ones(len(sound.bands), np.bool_))
    assert compute_features(make_tracks(missing, None), None).sound is None


def test_a_faster_episode_is_stretched_to_the_time_of_the_season() -> None:
    pictures = make_pictures()
    tracks = make_tracks(make_sound(), pictures)
    features = compute_features(tracks, fit_projection([pictures]), 0.96)
    assert features.duration == pytest.approx(SECONDS / 0.96)
    assert features.fine_hop == pytest.approx(FINE_HOP / 0.96)
    np.testing.assert_allclose(features.cuts, pictures.cuts / 0.96)
    usual = compute_features(tracks, fit_projection([pictures]))
    assert usual.pictures is not None
    assert features.pictures is not None
    for row in range(0, len(features.pictures), 17):
        own = int((row + 0.5) * 0.96)
        np.testing.assert_array_equal(features.pictures.values[row], usual.pictures.values[own])


def test_the_projection_keeps_what_distinguishes_pictures() -> None:
    common = np.zeros(64, np.float32)
    common[0] = 5
    tracks = [make_pictures(seed) for seed in (1, 2)]
    lifted = [replace(one, vectors=one.vectors + common) for one in tracks]
    projection = fit_projection(lifted)
    assert projection is not None
    assert projection.axes.shape == (64, 40)
    np.testing.assert_allclose(projection.axes.T @ projection.axes, np.eye(40), atol=1e-4)
    assert projection.mean[0] == pytest.approx(5, abs=0.1)
    assert fit_projection([]) is None

import dataclasses

import numpy as np
import pytest
from simple_tracks import make_pictures, make_sound, make_tracks

from whenanime_pipeline.core.themes.tagger.features import (
    FEATURE_NAMES,
    MASK_COLUMNS,
    PICTURE_COLUMNS,
    SOUND_COLUMNS,
    TEXT_COLUMNS,
    compute_features,
)
from whenanime_pipeline.core.themes.tagger.second_grid import SecondGrid, seconds_since, sides
from whenanime_pipeline.core.themes.tracks.episode_tracks import TextTrack


def _column(values: np.ndarray, name: str) -> np.ndarray:
    return np.asarray(values[:, FEATURE_NAMES.index(name)])


def test_a_row_describes_a_second_and_all_are_numbers() -> None:
    tracks = make_tracks(61.4, sound=make_sound(61.4), pictures=make_pictures(61.4))
    found = compute_features(tracks)
    assert found.values.shape == (62, len(FEATURE_NAMES))
    assert found.values.dtype == np.float32
    assert np.isfinite(found.values).all()
    assert np.abs(found.values).max() <= 4
    assert found.vectors is not None
    assert found.vectors.shape == (62, 16)


def test_a_shifted_grid_begins_before_the_episode() -> None:
    tracks = make_tracks(60, sound=make_sound(60))
    assert compute_features(tracks, -0.5).grid.centres[:2].tolist() == [0, 1]
    assert len(compute_features(tracks, -0.5).values) == 61


def test_missing_tracks_are_masks() -> None:
    both = make_tracks(60, sound=make_sound(60), pictures=make_pictures(60))
    for given, masks in ((both, (1, 1, 0)), (make_tracks(60), (0, 0, 0))):
        found = compute_features(given).values
        assert np.unique(found[:, MASK_COLUMNS], axis=0).tolist() == [list(masks)]
    nothing = compute_features(make_tracks(60))
    assert not nothing.values[:, : TEXT_COLUMNS.stop].any()
    assert nothing.vectors is None


def test_seconds_that_could_not_be_decoded_are_no_silence() -> None:
    sound = make_sound(100)
    missing = sound.is_missing.copy()
    missing[250:500] = True  # seconds 30 to 60
    levels = np.where(missing, np.float32(-100), sound.loudness)
    lost = dataclasses.replace(sound, is_missing=missing, loudness=levels)
    silent = dataclasses.replace(sound, loudness=levels)
    as_lost = compute_features(make_tracks(100, sound=lost)).values
    as_silent = compute_features(make_tracks(100, sound=silent)).values
    inside = slice(32, 58)
    assert not as_lost[inside, SOUND_COLUMNS].any()
    assert not as_lost[inside, MASK_COLUMNS.start].any()
    assert as_silent[inside, MASK_COLUMNS.start].all()
    assert _column(as_silent, "loudness")[inside].max() < -3


def test_pictures_that_were_not_sampled_are_masked() -> None:
    pictures = make_pictures(100)
    frames = pictures.frames.copy()
    frames[: 8 * 40] = -1
    found = compute_features(
        make_tracks(100, pictures=dataclasses.replace(pictures, frames=frames))
    ).values
    assert not found[:40, PICTURE_COLUMNS].any()
    assert found[:, MASK_COLUMNS.start + 1].tolist() == [0] * 40 + [1] * 60


def test_a_beat_is_found_and_noise_has_none() -> None:
    steady = compute_features(make_tracks(60, sound=make_sound(60, beat=0.5))).values
    noise = compute_features(make_tracks(60, sound=make_sound(60))).values
    assert _column(steady, "beat").min() > 1.2
    assert _column(noise, "beat").max() < 0.8


def test_faster_cuts_and_held_pictures_are_distinguished() -> None:
    slow, fast = make_pictures(60, shot=6, seed=1), make_pictures(60, shot=1, seed=2)
    frames = np.concatenate([slow.frames, fast.frames + len(slow.vectors)])
    pictures = dataclasses.replace(
        slow,
        frames=frames,
        vectors=np.concatenate([slow.vectors, fast.vectors]),
        is_flat=np.zeros(len(slow.vectors) + len(fast.vectors), np.bool_),
        cuts=np.concatenate([slow.cuts, [60.0], fast.cuts + 60]),
    )
    found = compute_features(make_tracks(120, pictures=pictures)).values
    assert _column(found, "cuts 31")[80:100].min() > _column(found, "cuts 31")[20:40].max() + 0.5
    assert _column(found, "held")[20:40].mean() > _column(found, "held")[80:100].mean()


def test_a_place_that_returns_is_found_elsewhere() -> None:
    pictures = make_pictures(400, shot=5)
    frames = pictures.frames.copy()
    frames[8 * 300 : 8 * 320] = frames[8 * 20 : 8 * 40]
    returned = dataclasses.replace(pictures, frames=frames)
    elsewhere = _column(
        compute_features(make_tracks(400, pictures=returned)).values, "picture elsewhere"
    )
    assert elsewhere[22:38].min() > elsewhere[100:200].max()


def test_text_is_known_near_its_samples() -> None:
    seconds = np.array([2.0, 6.0, 10.0, 14.0])
    text = TextTrack(seconds, np.array([0, 0.04, 0.04, 0], np.float32))
    found = compute_features(make_tracks(60, text=text)).values
    assert _column(found, "text known").tolist() == [1] * 20 + [0] * 40
    assert _column(found, "text")[6] == pytest.approx(1.0)
    assert _column(found, "text")[1] == 0


def test_sums_by_second() -> None:
    grid = SecondGrid.over(3.2)
    times = np.array([0.0, 0.9, 1.0, 3.1, 9.0])
    assert grid.count(times).tolist() == [2, 1, 0, 1]
    values = np.array([1, 3, 5, 7, 9], np.float32)
    assert grid.mean(times, values, default=-1).tolist() == [2, 5, -1, 7]
    before, after = sides(np.arange(6, dtype=np.float32)[:, None], 2)
    assert before[3] == 1.5
    assert after[3] == 3.5
    events = np.array([False, True, False, False])
    assert seconds_since(events, limit=9).tolist() == [9, 0, 1, 2]

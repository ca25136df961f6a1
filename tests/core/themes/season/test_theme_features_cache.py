"""The features of a long season are computed when asked for, and few are kept."""

import gc
import weakref
from collections.abc import Sequence
from typing import overload

import numpy as np
import pytest

from whenanime_pipeline.core.themes.match.features import HOP, EpisodeFeatures
from whenanime_pipeline.core.themes.season.features_cache import SeasonFeatures, count_rows
from whenanime_pipeline.core.themes.season.partners import list_pairs
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks, SoundTrack

KEPT = 16


def make_tracks(number: int, rows: int = 60) -> EpisodeTracks:
    random = np.random.default_rng(number)
    sound = SoundTrack(
        random.normal(-30, 8, (rows, 33)).astype(np.float32),
        random.normal(-30, 8, (4 * rows, 8)).astype(np.float32),
        np.full(rows, -20, np.float32),
        np.zeros(rows, np.bool_),
        "",
    )
    return EpisodeTracks(f"episode-{number}", number, rows * 0.12, 24.0, sound, None, None)


class Reading(Sequence[EpisodeTracks]):
    """Tracks that are made when asked for, and watched."""

    def __init__(self, season: int) -> None:
        self._season = season
        self.read: list[int] = []

    def __len__(self) -> int:
        return self._season

    @overload
    def __getitem__(self, index: int) -> EpisodeTracks: ...

    @overload
    def __getitem__(self, index: slice) -> list[EpisodeTracks]: ...

    def __getitem__(self, index: int | slice) -> EpisodeTracks | list[EpisodeTracks]:
        assert isinstance(index, int)
        self.read.append(index)
        return make_tracks(index)


def open_season(count: int) -> tuple[Reading, SeasonFeatures]:
    tracks = Reading(count)
    return tracks, SeasonFeatures(tracks, None, [1.0] * count, 256)


def test_no_more_than_a_few_episodes_are_alive() -> None:
    _, features = open_season(50)
    arrays: list[weakref.ref[np.ndarray]] = []
    for first, second in list_pairs(50):
        for one in (first, second):
            sound = features[one].sound
            assert sound is not None
            arrays.append(weakref.ref(sound.values))
            assert features.spectra(one).rows == len(features[one])
    del sound
    gc.collect()
    assert len({id(array) for one in arrays if (array := one()) is not None}) <= KEPT


def test_the_pairs_of_a_season_read_each_episode_hardly_more_than_once() -> None:
    tracks, features = open_season(50)
    for first, second in list_pairs(50):
        _ = features.spectra(first), features.spectra(second)
    assert len(tracks.read) <= 2 * 50


def test_features_are_those_of_the_episode_at_its_speed() -> None:
    tracks = [make_tracks(0), make_tracks(1)]
    features = SeasonFeatures(tracks, None, [1.0, 1.25], 256)
    assert [one.fingerprint for one in features] == ["episode-0", "episode-1"]
    assert [one.fingerprint for one in features[::-1]] == ["episode-1", "episode-0"]
    assert features[-1].duration == pytest.approx(7.2 / 1.25)
    assert len(features[1]) == count_rows(tracks[1], 1.25) == int(7.2 / 1.25 / HOP)
    assert isinstance(features[0], EpisodeFeatures)
    with pytest.raises(IndexError):
        _ = features[2]

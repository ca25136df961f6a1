"""Nothing is found where nothing is repeated, and it costs no more than usual."""

import time

import numpy as np
import pytest
from composed_tracks import BLACK, Piece, Release, compose, story, theme
from season_checks import find

from whenanime_pipeline.core.themes.detection import find_season_themes
from whenanime_pipeline.core.themes.segments import SeasonThemes
from whenanime_pipeline.core.themes.tracks.episode_tracks import (
    EpisodeTracks,
    PictureTrack,
    SoundTrack,
)


def is_empty(themes: SeasonThemes) -> bool:
    return not themes.templates and not any(themes.episodes.values())


def test_a_season_without_repetition() -> None:
    season = [compose(number, [story(number, 170 + 3.1 * number)]) for number in range(1, 9)]
    themes = find(season)
    assert is_empty(themes)
    assert list(themes.episodes) == [one.tracks.fingerprint for one in season]


@pytest.mark.parametrize(
    "release", [Release(has_sound=False), Release(has_pictures=False)], ids=["pictures", "sound"]
)
def test_a_season_without_repetition_in_one_modality(release: Release) -> None:
    season = [compose(number, [story(number, 170.0)], release) for number in range(1, 7)]
    assert is_empty(find(season))


def test_a_lone_episode() -> None:
    opening = theme(None, 1, 30.0)
    assert is_empty(find([compose(1, [opening, story(1, 90), opening])]))


def test_no_episode() -> None:
    themes = find([])
    assert is_empty(themes)
    assert themes.episodes == {}


def test_episodes_without_sound_and_pictures() -> None:
    neither = Release(has_sound=False, has_pictures=False)
    season = [compose(number, [story(number, 60)], neither) for number in range(1, 4)]
    assert is_empty(find(season))


def test_shared_black_and_silence_are_nothing_and_cost_nothing() -> None:
    hush = Piece(100.0, (), BLACK)
    quiet = [
        compose(number, [hush, story(number, 20 + number), hush, story(number + 50, 11)])
        for number in range(1, 7)
    ]
    loud = [
        compose(number, [story(number, 120 + number), story(number + 50, 111)])
        for number in range(1, 7)
    ]
    find(loud[:2])
    begin = time.process_time()
    assert is_empty(find(loud))
    usual = time.process_time() - begin
    begin = time.process_time()
    assert is_empty(find(quiet))
    assert time.process_time() - begin < 3 * usual + 0.2


def test_tracks_without_rows() -> None:
    def make(number: int) -> EpisodeTracks:
        return EpisodeTracks(
            f"short-{number}",
            number,
            0.05,
            None,
            SoundTrack(
                np.zeros((0, 33), np.float32),
                np.zeros((0, 8), np.float32),
                np.zeros(0, np.float32),
                np.zeros(0, np.bool_),
                "",
            ),
            PictureTrack(
                np.zeros(0, np.int32),
                np.zeros((0, 48), np.float32),
                np.zeros(0, np.uint64),
                np.zeros(0, np.bool_),
                np.zeros(0),
            ),
            None,
        )

    assert is_empty(find_season_themes([make(number) for number in range(3)]))

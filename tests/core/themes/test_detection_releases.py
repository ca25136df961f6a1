"""Episodes of different releases: quieter, faster, without sound, without pictures."""

from dataclasses import replace

import numpy as np
import pytest
from composed_tracks import Composed, Piece, Release, compose, story, theme
from season_checks import all_certain, check, find, segments_of

OPENING = theme("opening", 41, 30.3)
ENDING = theme("ending", 42, 29.6)
PAL = 25 / 23.976


def pieces_of(number: int) -> list[Piece]:
    return [
        story(number, 9.2 + 1.7 * number),
        OPENING,
        story(number + 100, 70.3 + 3.1 * number),
        ENDING,
        story(number + 200, 5.3 + number),
    ]


def make_season(releases: dict[int, Release], count: int = 6) -> list[Composed]:
    return [
        compose(number, pieces_of(number), releases.get(number)) for number in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    "release",
    [
        Release(gain=-12),
        Release(sound_noise=2.0, picture_noise=0.2),
        Release(has_sound=False),
        Release(has_pictures=False),
        Release(speed=PAL, frame_rate=25),
        Release(speed=24 / 23.976, frame_rate=24),
    ],
    ids=["quiet", "noisy", "no_sound", "no_pictures", "pal", "cinema"],
)
def test_single_episodes_of_another_release(release: Release) -> None:
    season = make_season({2: release, 5: release})
    check(find(season), season)


def test_the_first_episodes_and_the_last_are_pal() -> None:
    pal = Release(speed=PAL, frame_rate=25)
    season = make_season({1: pal, 6: pal})
    check(find(season), season)


def test_a_season_that_is_pal_throughout() -> None:
    pal = Release(speed=PAL, frame_rate=25)
    season = make_season(dict.fromkeys(range(1, 7), pal))
    check(find(season), season)


def test_a_rate_of_25_that_does_not_play_faster() -> None:
    season = make_season({3: Release(frame_rate=25)})
    check(find(season), season)


def test_a_season_without_sound_is_found_by_pictures() -> None:
    season = make_season(dict.fromkeys(range(1, 7), Release(has_sound=False)))
    themes = find(season)
    check(themes, season)
    for one in season:
        assert {segment.evidence.sound for segment in segments_of(themes, one)} == {None}
    assert all_certain(themes, ("opening", "ending"))


def test_a_season_without_pictures_is_found_by_sound() -> None:
    season = make_season(dict.fromkeys(range(1, 7), Release(has_pictures=False)))
    themes = find(season)
    check(themes, season)
    for one in season:
        assert {segment.evidence.pictures for segment in segments_of(themes, one)} == {None}


def test_sound_that_could_not_be_decoded_is_no_silence() -> None:
    season = make_season({})
    sound = season[2].tracks.sound
    assert sound is not None
    broken = sound.is_missing.copy()
    broken[len(broken) // 5 :] = True
    bands = np.where(broken[:, None], -100, sound.bands).astype(np.float32)
    tracks = replace(season[2].tracks, sound=replace(sound, bands=bands, is_missing=broken))
    season[2] = replace(season[2], tracks=tracks)
    check(find(season), season)


def test_sound_that_ends_before_the_picture() -> None:
    season = make_season({})
    sound = season[3].tracks.sound
    assert sound is not None
    rows, fine = len(sound.bands) // 2, len(sound.fine) // 2
    short = replace(
        sound,
        bands=sound.bands[:rows],
        fine=sound.fine[:fine],
        loudness=sound.loudness[:rows],
        is_missing=sound.is_missing[:rows],
    )
    season[3] = replace(season[3], tracks=replace(season[3].tracks, sound=short))
    check(find(season), season)

from itertools import pairwise

import numpy as np
import pytest

from whenanime_pipeline.core.learning.themes.drawn.clips import (
    SoundTimeline,
    Stock,
    make_clip,
    make_stock,
)
from whenanime_pipeline.core.learning.themes.drawn.episode import draw_episode
from whenanime_pipeline.core.learning.themes.drawn.plan import plan_episode
from whenanime_pipeline.core.learning.themes.drawn.songs import RATE
from whenanime_pipeline.core.themes.tracks.episode_tracks import FINE_HOP, PICTURE_HOP, SOUND_HOP


@pytest.fixture(scope="module")
def stock() -> Stock:
    return make_stock(0, songs=3, others=2)


def test_the_same_seed_draws_the_same_episode(stock: Stock) -> None:
    one, same = (draw_episode(5, 1, stock, has_themes=True) for _ in range(2))
    other = draw_episode(6, 1, stock, has_themes=True)
    assert one.parts == same.parts != other.parts
    assert one.tracks.sound is not None
    assert same.tracks.sound is not None
    np.testing.assert_array_equal(one.tracks.sound.bands, same.tracks.sound.bands)


def test_tracks_are_as_long_as_the_parts(stock: Stock) -> None:
    for number in range(6):
        episode = draw_episode(7, number, stock, has_themes=number % 2 == 0)
        tracks, duration = episode.tracks, episode.parts[-1].end
        assert tracks.duration == duration
        assert tracks.sound is not None
        assert tracks.pictures is not None
        assert len(tracks.sound.bands) * SOUND_HOP == pytest.approx(duration, abs=SOUND_HOP)
        assert len(tracks.sound.fine) * FINE_HOP == pytest.approx(duration, abs=FINE_HOP)
        assert len(tracks.pictures.frames) * PICTURE_HOP == pytest.approx(duration, abs=1)
        assert tracks.pictures.frames.max() == len(tracks.pictures.vectors) - 1
        assert np.isfinite(tracks.sound.bands).all()
        assert (np.diff(tracks.pictures.cuts) > 0).all()


def test_parts_follow_each_other_and_themes_are_only_where_asked_for() -> None:
    rng = np.random.default_rng(0)
    for number in range(200):
        has_themes = number % 3 != 0
        parts = plan_episode(rng, has_themes=has_themes)
        assert parts[0].start == 0
        assert all(a.end == b.start for a, b in pairwise(parts))
        assert has_themes == any(one.kind in ("opening", "ending") for one in parts)
        assert sum(one.kind == "opening" for one in parts) <= 1


def test_sounds_add_up_as_powers() -> None:
    time = np.arange(4 * RATE) / RATE
    tone = np.sin(2 * np.pi * 440 * time).astype(np.float32)
    clip = make_clip(tone)
    timeline = SoundTimeline(10.0)
    timeline.add(clip, (2.0, 6.0), 0.0)
    timeline.add(clip, (4.0, 6.0), 0.0)
    levels = timeline.to_track().loudness
    once, twice = levels[round(3 / SOUND_HOP)], levels[round(5 / SOUND_HOP)]
    assert once == pytest.approx(-20, abs=0.2)
    assert twice - once == pytest.approx(3.01, abs=0.1)
    assert levels[round(8 / SOUND_HOP)] < -90

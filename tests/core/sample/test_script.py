"""Planned episodes have the promised length, and their parts and themes are in order."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.sample.music import SAMPLE_RATE, SECONDS_PER_FRAME, compose_soundtrack
from whenanime_pipeline.core.sample.plan_truth import build_episode_truth
from whenanime_pipeline.core.sample.script import plan_episode
from whenanime_pipeline.core.sample.series import make_sample_series
from whenanime_pipeline.core.sample.shots import Actor, FrameSpan
from whenanime_pipeline.core.sample.themes import plan_opening

EVERY = [(index, number) for index in (0, 1) for number in (1, 2, 3, 4)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(EVERY))
def test_episodes_last_between_40_and_90_seconds(seed: int, which: tuple[int, int]) -> None:
    series = make_sample_series(seed)[which[0]]
    plan = plan_episode(series, which[1], 4, seed)
    assert 40 <= plan.frames * SECONDS_PER_FRAME <= 90
    assert all(shot.frames > 0 for shot in plan.shots)


def test_plans_are_equal_for_equal_seeds_only() -> None:
    series = make_sample_series(0)[0]
    assert plan_episode(series, 1, 4, 0) == plan_episode(make_sample_series(0)[0], 1, 4, 0)
    assert plan_episode(series, 1, 4, 0).shots != plan_episode(series, 1, 4, 1).shots
    assert plan_episode(series, 1, 4, 0).shots != plan_episode(series, 2, 4, 0).shots


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_story_shots_never_repeat(seed: int) -> None:
    story = [
        shot
        for index, number in EVERY
        for shot in plan_episode(make_sample_series(seed)[index], number, 4, seed).shots
        if shot.part in ("cold open", "story", "eyecatch")
    ]
    assert len({(shot.background, shot.crop, shot.actors, shot.camera) for shot in story}) == len(
        story
    )


def test_one_opening_differs_and_one_ending_is_missing() -> None:
    star, tide = make_sample_series(0)
    plans = [plan_episode(star, number, 4, 0) for number in (1, 2, 3, 4)]
    assert [plan.opening and plan.opening.version for plan in plans] == ["a", "a", "b", "a"]
    assert all(plan.ending for plan in plans)
    tides = [plan_episode(tide, number, 4, 0) for number in (1, 2, 3, 4)]
    assert [bool(plan.ending) for plan in tides] == [True, True, True, False]
    usual, changed = plan_opening(star, 0), plan_opening(star, 1)
    assert [shot.frames for shot in usual] == [shot.frames for shot in changed]
    assert not {shot.background for shot in usual} & {shot.background for shot in changed}


def test_cold_opens_vary_in_length() -> None:
    starts = {
        plan.opening.span.start
        for index, number in EVERY
        if (plan := plan_episode(make_sample_series(0)[index], number, 4, 0)).opening
    }
    assert len(starts) == 8


def test_both_openings_have_the_same_song() -> None:
    star = make_sample_series(0)[0]
    songs = []
    for number in (2, 3):
        plan = plan_episode(star, number, 4, 0)
        assert plan.opening is not None
        start = round(plan.opening.span.start * SECONDS_PER_FRAME * SAMPLE_RATE)
        songs.append(compose_soundtrack(plan, star.seed)[start : start + 5 * SAMPLE_RATE])
    assert (songs[0] == songs[1]).all()
    assert abs(songs[0]).max() > 0.3


@pytest.mark.parametrize("which", EVERY)
def test_scenes_and_spans_are_contiguous(which: tuple[int, int]) -> None:
    series = make_sample_series(0)[which[0]]
    plan = plan_episode(series, which[1], 4, 0)
    truth = build_episode_truth(series, plan, (640, 360), 1)
    assert truth.scenes[0].start == 0
    assert truth.scenes[-1].end == truth.duration
    for before, after in zip(truth.scenes, truth.scenes[1:], strict=False):
        assert before.end == after.start
    for scene in truth.scenes:
        assert scene.spans[0].start == scene.start
        assert scene.spans[-1].end == scene.end
        for early, late in zip(scene.spans, scene.spans[1:], strict=False):
            assert early.end == late.start
            assert early.kind != late.kind
        assert all(scene.start <= line.start < line.end <= scene.end for line in scene.subtitles)
    kinds = {span.kind for scene in truth.scenes for span in scene.spans}
    assert kinds == {"held", "flap", "blink", "moving"}
    with pytest.raises(ValueError, match="no second"):
        truth.scene_at(truth.duration)


def test_consecutive_mouth_drawings_differ_and_are_held() -> None:
    from whenanime_pipeline.core.sample.characters import Expression

    actor = Actor(0, "bust", 0.5, Expression(), talks=(FrameSpan(10, 70),), mouth_frames=3, seed=4)
    mouths = [actor.mouth_at(frame) for frame in range(80)]
    assert set(mouths[:10]) == {"closed"}
    drawings = mouths[10:70:3]
    assert all(a != b for a, b in itertools.pairwise(drawings))
    assert all(mouths[10 + 3 * i] == mouths[12 + 3 * i] for i in range(20))

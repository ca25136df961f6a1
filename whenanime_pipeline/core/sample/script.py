"""Plans an episode from a seed, as pure data.

An episode is a cold open of varying length, the opening, two acts around an eyecatch, and the
ending, with black between. Themes draw from the series' seed, so they repeat; everything else
draws from the episode's.
"""

import numpy as np

from whenanime_pipeline.core.sample.random_acting import (
    Rng,
    choose_length,
)
from whenanime_pipeline.core.sample.scenes import plan_act, plan_scene
from whenanime_pipeline.core.sample.series import Series
from whenanime_pipeline.core.sample.shots import (
    EpisodePlan,
    FrameSpan,
    ShotPlan,
    ThemePlan,
)
from whenanime_pipeline.core.sample.themes import plan_ending, plan_eyecatch, plan_opening


def _plan_black(rng: Rng) -> ShotPlan:
    return ShotPlan("black", choose_length(rng, 0.4, 0.8), None)


def plan_episode(series: Series, number: int, episodes: int, seed: int) -> EpisodePlan:
    """Plan an episode.

    Args:
        series: series of the episode.
        number: number of the episode, from 1.
        episodes: number of episodes of the series; the last but one of the first series has other
            opening pictures with the same song, and the last of the second series has no ending.
        seed: seed of the library.
    """
    own = int(np.random.default_rng([seed, series.index, number]).integers(1 << 30))
    rng = np.random.default_rng(own)
    shots = [
        *plan_scene(rng, series, "cold open", float(rng.uniform(2.5, 10)), dissolve=False),
        _plan_black(rng),
    ]
    ends = not (series.index == 1 and episodes > 1 and number == episodes)
    act = 8.5 if ends else 12.0  # seconds at least, so that every episode lasts 40 s and more
    changed = series.index == 0 and episodes > 1 and number == max(2, episodes - 1)
    start = sum(shot.frames for shot in shots)
    shots += plan_opening(series, version=int(changed))
    opening = ThemePlan(
        FrameSpan(start, sum(shot.frames for shot in shots)), "b" if changed else "a"
    )
    shots += [_plan_black(rng), *plan_act(rng, series, "story", float(rng.uniform(act, act + 4.5)))]
    shots += [
        _plan_black(rng),
        plan_eyecatch(rng, series),
        *plan_act(rng, series, "story", float(rng.uniform(act, act + 4.5))),
    ]
    shots.append(_plan_black(rng))
    ending = None
    if ends:
        start = sum(shot.frames for shot in shots)
        shots += plan_ending(series)
        ending = ThemePlan(FrameSpan(start, sum(shot.frames for shot in shots)), "a")
        shots.append(_plan_black(rng))
    return EpisodePlan(
        series.index, number, series.episode_title(number), tuple(shots), opening, ending, own
    )

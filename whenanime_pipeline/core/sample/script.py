"""What happens when: an episode's plan drawn from a seed, as pure data.

An episode is a cold open of varying length, the opening, two acts around an eyecatch, and the
ending, with black between. Themes draw from the series' seed, so they repeat; everything else
draws from the episode's.
"""

import numpy as np

from whenanime_pipeline.core.sample.acting import (
    Rng,
    draw_length,
)
from whenanime_pipeline.core.sample.scenes import draw_act, draw_scene
from whenanime_pipeline.core.sample.series import Series
from whenanime_pipeline.core.sample.shots import (
    EpisodePlan,
    Shot,
    Span,
    Theme,
)
from whenanime_pipeline.core.sample.themes import ending_shots, eyecatch_shot, opening_shots


def _black(rng: Rng) -> Shot:
    return Shot("black", draw_length(rng, 0.4, 0.8), None)


def plan_episode(series: Series, number: int, episodes: int, seed: int) -> EpisodePlan:
    """The plan of an episode.

    Args:
        series: whose episode.
        number: of the episode, from 1.
        episodes: how many the series has; the last but one of the first series opens with changed
            pictures under the same song, the last of the second series has no ending.
        seed: of the library.
    """
    own = int(np.random.default_rng([seed, series.index, number]).integers(1 << 30))
    rng = np.random.default_rng(own)
    shots = [
        *draw_scene(rng, series, "cold open", float(rng.uniform(2.5, 10)), dissolve=False),
        _black(rng),
    ]
    ends = not (series.index == 1 and episodes > 1 and number == episodes)
    act = 8.5 if ends else 12.0  # seconds at least, so that every episode lasts 40 s and more
    changed = series.index == 0 and episodes > 1 and number == max(2, episodes - 1)
    start = sum(shot.frames for shot in shots)
    shots += opening_shots(series, version=int(changed))
    opening = Theme(Span(start, sum(shot.frames for shot in shots)), "b" if changed else "a")
    shots += [_black(rng), *draw_act(rng, series, "story", float(rng.uniform(act, act + 4.5)))]
    shots += [
        _black(rng),
        eyecatch_shot(rng, series),
        *draw_act(rng, series, "story", float(rng.uniform(act, act + 4.5))),
    ]
    shots.append(_black(rng))
    ending = None
    if ends:
        start = sum(shot.frames for shot in shots)
        shots += ending_shots(series)
        ending = Theme(Span(start, sum(shot.frames for shot in shots)), "a")
        shots.append(_black(rng))
    return EpisodePlan(
        series.index, number, series.episode_title(number), tuple(shots), opening, ending, own
    )

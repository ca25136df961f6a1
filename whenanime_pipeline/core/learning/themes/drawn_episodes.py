"""Drawn episodes to train on: made from a seed, a third of them without themes."""

from collections.abc import Callable

import numpy as np

from whenanime_pipeline.core.learning.themes.drawn.clips import make_stock
from whenanime_pipeline.core.learning.themes.drawn.episode import draw_episode
from whenanime_pipeline.core.learning.themes.drawn.plan import Part
from whenanime_pipeline.core.learning.themes.tagger_data import (
    TaggedEpisode,
    tag_episode,
)
from whenanime_pipeline.core.themes.metrics.seconds import TrueSegment

_EVERY = 3
"""One episode of so many has no themes."""
_STOCK_SHARE = 0.6
"""Of the time: synthesising the stock of sounds, against drawing the episodes."""


def draw_training_episodes(
    seed: int,
    count: int,
    *,
    songs: int = 110,
    others: int = 36,
    progress: Callable[[float], None] = lambda _: None,
) -> list[TaggedEpisode]:
    """Return drawn episodes to learn from.

    Args:
        seed: decides everything.
        count: number of episodes.
        songs: number of songs that they share.
        others: number of other sounds of each kind.
        progress: receives the share that is done, from 0 to 1.
    """
    stock = make_stock(
        seed,
        songs=songs,
        others=others,
        progress=lambda done: progress(done * _STOCK_SHARE),
    )
    episodes = []
    for number in range(count):
        drawn = draw_episode(seed, number, stock, has_themes=number % _EVERY != 0)
        segments = [one for part in drawn.parts if (one := to_segment(part)) is not None]
        shift = float(np.random.default_rng([seed, number]).uniform(-1, 0))
        episodes.append(tag_episode(drawn.tracks, segments, shift))
        progress(_STOCK_SHARE + (1 - _STOCK_SHARE) * (number + 1) / count)
    return episodes


def to_segment(part: Part) -> TrueSegment | None:
    """Return what a part is as a segment; None for story."""
    if part.kind == "story" or part.kind == "insert":
        return None
    return TrueSegment(part.kind, part.start, part.end)

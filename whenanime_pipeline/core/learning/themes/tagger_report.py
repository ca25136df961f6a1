"""Judges a tagger on episodes that it has not seen: seconds of openings and endings."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenanime_pipeline.core.learning.themes.tagger_data import TrueSegment
from whenanime_pipeline.core.themes.segments import Segment, SegmentType
from whenanime_pipeline.core.themes.tagger.tagger import Tagger
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks

_STEP = 0.1
"""Seconds that are compared at once."""
_TYPES: tuple[SegmentType, ...] = ("opening", "ending")


@dataclass(frozen=True, slots=True)
class JudgedEpisode:
    """An episode to judge by: its tracks, and what is known of it."""

    tracks: EpisodeTracks
    segments: tuple[TrueSegment, ...]


@dataclass(frozen=True, slots=True)
class TaggerMetrics:
    """How well a tagger does, each the mean over episodes unless it says otherwise.

    A second counts only where its type is right. An episode without themes for which none is
    suggested counts 1.

    Attributes:
        episodes: number of them.
        precision: share of the suggested seconds that are right, of all episodes together.
        recall: share of the true seconds that are suggested, likewise.
        f1: their harmonic mean.
        iou: intersection over union of suggested and true seconds.
        false_share: share of the episodes without themes for which one is suggested; 0 where there
            are none.
        story_seconds: seconds of story inside a suggestion.
    """

    episodes: int
    precision: float
    recall: float
    f1: float
    iou: float
    false_share: float
    story_seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as plain values."""
        return {
            name: value if isinstance(value, int) else round(value, 4)
            for name, value in asdict(self).items()
        }


def judge_tagger(
    tagger: Tagger,
    episodes: Sequence[JudgedEpisode],
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> TaggerMetrics:
    """Return how well a tagger does.

    Args:
        tagger: to judge.
        episodes: at least one.
        progress: receives the share that is done, from 0 to 1.
    """
    counts = []
    for number, episode in enumerate(episodes, 1):
        counts.append(count_seconds(tagger.tag(episode.tracks), episode))
        progress(number / len(episodes))
    return summarise(np.array(counts, np.float64))


def count_seconds(
    found: Sequence[Segment], episode: JudgedEpisode
) -> tuple[float, float, float, float]:
    """Return seconds of an episode.

    Args:
        found: what is suggested.
        episode: what is true.

    Returns:
        Seconds that are found and true, found and not true, true and not found, and found where
        neither type is true.
    """
    both = only_found = only_true = 0
    anything = _cover(episode.tracks.duration, [(one.start, one.end) for one in episode.segments])
    skipped = _cover(episode.tracks.duration, [(one.start, one.end) for one in found])
    for kind in _TYPES:
        true = _cover(
            episode.tracks.duration,
            [(one.start, one.end) for one in episode.segments if one.type == kind],
        )
        said = _cover(
            episode.tracks.duration, [(one.start, one.end) for one in found if one.type == kind]
        )
        both += int((true & said).sum())
        only_found += int((said & ~true).sum())
        only_true += int((true & ~said).sum())
    story = int((skipped & ~anything).sum())
    return both * _STEP, only_found * _STEP, only_true * _STEP, story * _STEP


def _cover(duration: float, spans: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    covered = np.zeros(int(np.ceil(duration / _STEP)) + 1, np.bool_)
    for start, end in spans:
        covered[round(start / _STEP) : round(end / _STEP)] = True
    return covered


def summarise(counts: NDArray[np.float64]) -> TaggerMetrics:
    """Return the metrics of `(episodes, 4)` seconds of `count_seconds`."""
    both, only_found, only_true, story = counts.T
    either = both + only_found + only_true
    is_empty = either == 0
    without = both + only_true == 0
    f1 = np.where(is_empty, 1, 2 * both / np.maximum(2 * both + only_found + only_true, _STEP))
    iou = np.where(is_empty, 1, both / np.maximum(either, _STEP))
    false = (only_found[without] > 0).mean() if without.any() else 0.0
    return TaggerMetrics(
        episodes=len(counts),
        precision=float(both.sum() / max((both + only_found).sum(), _STEP)),
        recall=float(both.sum() / max((both + only_true).sum(), _STEP)),
        f1=float(f1.mean()),
        iou=float(iou.mean()),
        false_share=float(false),
        story_seconds=float(story.mean()),
    )

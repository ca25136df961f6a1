"""Judges a tagger on episodes that it has not seen: seconds of openings and endings."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from whenanime_pipeline.core.themes.metrics.seconds import (
    Overlap,
    TrueSegment,
    measure_seconds,
    measure_skipped_story,
)
from whenanime_pipeline.core.themes.segments import Segment
from whenanime_pipeline.core.themes.tagger.tagger import Tagger
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks


@dataclass(frozen=True, slots=True)
class JudgedEpisode:
    """An episode to judge by: its tracks, and what is known of it."""

    tracks: EpisodeTracks
    segments: tuple[TrueSegment, ...]


@dataclass(frozen=True, slots=True)
class TaggerMetrics:
    """How well a tagger does.

    A second counts only where its type is right. An episode without themes for which none is
    suggested counts 1.

    Attributes:
        episodes: number of them.
        precision: share of the suggested seconds that are right, of all episodes together.
        recall: share of the true seconds that are suggested, likewise.
        f1: harmonic mean of both in each episode, then the mean over episodes.
        iou: intersection over union of the seconds in each episode, then the mean.
        false_share: share of the episodes without themes for which one is suggested; 0 where there
            are none.
        story_seconds: mean seconds of story inside a suggestion.
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
    found = []
    for number, episode in enumerate(episodes, 1):
        found.append(tagger.tag(episode.tracks))
        progress(number / len(episodes))
    return summarise(found, [episode.segments for episode in episodes])


def summarise(
    found: Sequence[Sequence[Segment]], true: Sequence[Sequence[TrueSegment]]
) -> TaggerMetrics:
    """Return the metrics of what was suggested for episodes, and of what is true of them."""
    pairs = list(zip(found, true, strict=True))
    overlaps = [measure_seconds(*pair) for pair in pairs]
    total = sum(overlaps, Overlap(0.0, 0.0, 0.0))
    without = [overlap.found > 0 for overlap in overlaps if not overlap.true]
    count = len(overlaps)
    return TaggerMetrics(
        episodes=count,
        precision=total.precision,
        recall=total.recall,
        f1=sum(overlap.f1 for overlap in overlaps) / count,
        iou=sum(overlap.iou for overlap in overlaps) / count,
        false_share=sum(without) / len(without) if without else 0.0,
        story_seconds=sum(measure_skipped_story(*pair) for pair in pairs) / count,
    )

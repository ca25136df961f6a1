import numpy as np
import pytest

from whenanime_pipeline.core.learning.themes.tagger_data import TrueSegment
from whenanime_pipeline.core.learning.themes.tagger_report import (
    JudgedEpisode,
    count_seconds,
    summarise,
)
from whenanime_pipeline.core.themes.segments import Evidence, Segment, SegmentType
from whenanime_pipeline.core.themes.tracks.episode_tracks import EpisodeTracks

_TRACKS = EpisodeTracks("x", 1, 300.0, 24.0, None, None, None)


def _found(kind: SegmentType, start: float, end: float) -> Segment:
    return Segment(kind, start, end, 1, 1, "likely", Evidence(("tagger",)))


def test_seconds_count_where_the_type_is_right() -> None:
    episode = JudgedEpisode(
        _TRACKS,
        (
            TrueSegment("opening", 10, 100),
            TrueSegment("ending", 200, 250),
            TrueSegment("preview", 250, 260),
        ),
    )
    found = [_found("opening", 20, 110), _found("opening", 200, 255)]
    both, only_found, only_true, story = count_seconds(found, episode)
    assert (both, only_found, only_true) == pytest.approx((80, 10 + 55, 10 + 50))
    assert story == pytest.approx(10)  # the ending and the preview are no story


def test_means_are_over_episodes_and_nothing_rightly_found_counts_one() -> None:
    counts = np.array([[80, 20, 0, 5], [0, 0, 0, 0], [0, 30, 0, 30]], np.float64)
    found = summarise(counts)
    assert found.f1 == pytest.approx((160 / 180 + 1 + 0) / 3)
    assert found.iou == pytest.approx((80 / 100 + 1 + 0) / 3)
    assert found.precision == pytest.approx(80 / 130)
    assert found.recall == 1
    assert found.false_share == 0.5
    assert found.story_seconds == pytest.approx(35 / 3)
    assert found.to_json()["episodes"] == 3

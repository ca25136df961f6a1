import pytest

from whenanime_pipeline.core.learning.themes.tagger_report import summarise
from whenanime_pipeline.core.themes.metrics.seconds import TrueSegment
from whenanime_pipeline.core.themes.segments import Evidence, Segment, SegmentType


def _found(kind: SegmentType, start: float, end: float) -> Segment:
    return Segment(kind, start, end, 1, 1, "likely", Evidence(("tagger",)))


def test_means_are_over_episodes_and_nothing_rightly_found_counts_one() -> None:
    found = summarise(
        [[_found("opening", 20, 110), _found("opening", 200, 250)], [], [_found("ending", 0, 30)]],
        [[TrueSegment("opening", 10, 100), TrueSegment("ending", 200, 250)], [], []],
    )
    first = 2 * 80 / (140 + 140)
    assert found.f1 == pytest.approx((first + 1 + 0) / 3)
    assert found.iou == pytest.approx((80 / 200 + 1 + 0) / 3)
    assert found.precision == pytest.approx(80 / 170)
    assert found.recall == pytest.approx(80 / 140)
    assert found.false_share == 0.5
    assert found.story_seconds == pytest.approx((10 + 30) / 3)
    assert found.to_json()["episodes"] == 3

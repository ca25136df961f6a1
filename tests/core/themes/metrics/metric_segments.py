"""Segments for the tests of metrics."""

from whenanime_pipeline.core.themes.metrics.seconds import TrueSegment
from whenanime_pipeline.core.themes.segments import Confidence, Evidence, Segment, SegmentType


def found(
    kind: SegmentType, start: float, end: float, confidence: Confidence = "certain"
) -> Segment:
    return Segment(kind, start, end, 0.1, 0.1, confidence, Evidence(("sound",), 2))


def true(kind: SegmentType, start: float, end: float) -> TrueSegment:
    return TrueSegment(kind, start, end)

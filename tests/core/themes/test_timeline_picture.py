"""Timelines of a season as a picture."""

import numpy as np

from whenanime_pipeline.core.themes.segments import Confidence, Evidence, Segment
from whenanime_pipeline.core.themes.timeline_picture import COLOURS, draw_timelines


def _segment(start: float, end: float, confidence: Confidence) -> Segment:
    return Segment("opening", start, end, 0.1, 0.1, confidence, Evidence(("sound", "pictures")))


def test_certain_segments_are_filled_and_others_hatched() -> None:
    rows = [
        ("one", 100.0, [_segment(0, 50, "certain")]),
        ("two", 100.0, [_segment(0, 50, "likely")]),
        ("three", 50.0, []),
    ]
    picture = draw_timelines(rows)
    shares = [
        float(np.all(picture[top + 4 : top + 10] == COLOURS["opening"], axis=-1).mean())
        for top in (22, 38, 54)
    ]
    assert shares[0] > 0.35
    assert 0.05 < shares[1] < 0.8 * shares[0]
    assert shares[2] == 0


def test_long_seasons_and_empty_ones_are_drawn() -> None:
    assert draw_timelines([(f"e{number}", 60.0, []) for number in range(500)]).shape[0] < 1100
    assert draw_timelines([]).shape[1] == 900

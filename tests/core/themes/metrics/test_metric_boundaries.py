import pytest
from hypothesis import given
from hypothesis import strategies as st
from metric_segments import found, true

from whenanime_pipeline.core.themes.metrics.boundaries import (
    compare_types,
    count_false_themes,
    match_themes,
)

TRUTH = [true("opening", 10, 50), true("ending", 200, 240)]


def test_errors_are_of_the_themes_found() -> None:
    match = match_themes([found("opening", 10.5, 47)], TRUTH)
    assert match.errors == [0.5, 3.0]
    assert match.missed == (TRUTH[1],)
    assert match.invented == ()


def test_each_cut_point_of_a_missed_or_invented_theme_costs_ten_seconds() -> None:
    match = match_themes([found("opening", 10.5, 47), found("ending", 60, 90)], TRUTH)
    assert match.cut_point_costs == [0.0, 2.0, 10.0, 10.0, 10.0, 10.0]


def test_two_pieces_of_a_theme_are_one_found_and_one_invented() -> None:
    pieces = [found("opening", 10, 20), found("opening", 25, 50)]
    match = match_themes(pieces, TRUTH[:1])
    assert [pair[0] for pair in match.pairs] == [pieces[1]]
    assert match.invented == (pieces[0],)


def test_openings_are_matched_with_the_one_that_they_overlap() -> None:
    truth = [true("opening", 0, 20), true("opening", 150, 170)]
    match = match_themes([found("opening", 151, 171), found("opening", 0, 20)], truth)
    assert match.errors == [0.0, 0.0, 1.0, 1.0]


def test_types_are_compared_where_segments_share_half_of_the_shorter() -> None:
    truth = [*TRUTH, true("preview", 240, 255)]
    segments = [
        found("opening", 10, 50),
        found("opening", 205, 240),
        found("preview", 250, 290),
        found("eyecatch", 100, 105),
    ]
    assert sorted(compare_types(segments, truth)) == [
        ("opening", "ending"),
        ("opening", "opening"),
    ]


def test_themes_are_false_only_where_there_is_neither() -> None:
    segments = [found("opening", 1, 2), found("opening", 5, 6), found("recap", 7, 9)]
    assert count_false_themes(segments, [true("preview", 3, 4)]) == {"opening": 2, "ending": 0}
    assert count_false_themes(segments, TRUTH) == {}


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_errors_are_the_shifts_of_the_bounds(begin: float, end: float) -> None:
    match = match_themes([found("opening", 10 + begin, 50 + end)], TRUTH[:1])
    assert match.errors == pytest.approx([abs(begin), abs(end)])
    mirrored = match_themes([found("opening", 10 - begin, 50 - end)], TRUTH[:1])
    assert mirrored.cut_point_costs == pytest.approx(match.cut_point_costs)

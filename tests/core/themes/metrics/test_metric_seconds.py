from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from metric_segments import found, true

from whenanime_pipeline.core.themes.metrics.seconds import (
    Overlap,
    measure_seconds,
    measure_skipped_story,
    select_certain,
)

TRUTH = [true("opening", 10, 50), true("ending", 200, 240)]


def test_seconds_of_a_late_opening_and_a_missed_ending() -> None:
    overlap = measure_seconds([found("opening", 20, 60)], TRUTH)
    assert overlap == Overlap(30, 40, 80)
    assert overlap.precision == 0.75
    assert overlap.recall == 0.375
    assert overlap.f1 == pytest.approx(0.5)
    assert overlap.iou == pytest.approx(1 / 3)


def test_an_ending_called_an_opening_is_no_ending() -> None:
    assert measure_seconds([found("opening", 200, 240)], TRUTH) == Overlap(0, 40, 80)


def test_nothing_found_where_nothing_is_counts_one_and_anything_else_zero() -> None:
    assert measure_seconds([], []).f1 == 1
    assert measure_seconds([], []).iou == 1
    assert measure_seconds([found("ending", 3, 4)], []).f1 == 0
    assert measure_seconds([], TRUTH).f1 == 0
    assert measure_seconds([found("recap", 3, 4)], []).f1 == 1


def test_seconds_found_twice_count_once() -> None:
    pieces = [found("opening", 10, 30), found("opening", 20, 50), found("ending", 200, 240)]
    assert measure_seconds(pieces, TRUTH).iou == 1


def test_story_is_skipped_by_what_may_be_skipped_only() -> None:
    truth = [*TRUTH, true("eyecatch", 100, 106), true("preview", 240, 255)]
    segments = [
        found("opening", 8, 50),
        found("sponsor", 50, 51.5),
        found("eyecatch", 90, 110),
        found("repeated", 120, 150),
        found("ending", 200, 256),
    ]
    assert measure_skipped_story(segments, truth) == pytest.approx(2 + 1.5 + 1)


def test_a_recap_over_an_eyecatch_skips_story() -> None:
    assert measure_skipped_story([found("recap", 100, 106)], [true("eyecatch", 100, 106)]) == 6


def test_only_certain_segments_are_certain() -> None:
    segments = [found("opening", 0, 9), found("ending", 20, 30, "likely")]
    assert select_certain(segments) == segments[:1]


TIMES = st.lists(st.integers(0, 500), min_size=4, max_size=4, unique=True).map(sorted)
SHIFTS = st.integers(1, 30)


@given(TIMES)
def test_the_truth_as_the_answer_scores_one(times: list[int]) -> None:
    truth = [true("opening", *times[:2]), true("ending", *times[2:])]
    answer = [found(t.type, t.start, t.end) for t in truth]
    overlap = measure_seconds(answer, truth)
    assert (overlap.precision, overlap.recall, overlap.f1, overlap.iou) == (1, 1, 1, 1)
    assert measure_skipped_story(answer, truth) == 0


@given(TIMES, SHIFTS)
def test_an_answer_that_is_early_scores_as_one_that_is_late(times: list[int], shift: int) -> None:
    assume(times[0] >= shift)
    truth = [true("opening", *times[:2])]
    early, late = ([found("opening", times[0] + by, times[1] + by)] for by in (-shift, shift))
    assert measure_seconds(early, truth) == measure_seconds(late, truth)
    assert measure_skipped_story(early, truth) == measure_skipped_story(late, truth)


@given(TIMES, SHIFTS)
def test_scores_stay_within_their_bounds_and_iou_below_f1(times: list[int], shift: int) -> None:
    truth = [true("opening", *times[:2]), true("ending", *times[2:])]
    answer = [replace(found(t.type, t.start, t.end), end=t.end + shift) for t in truth]
    overlap = measure_seconds(answer, truth)
    assert 0 <= overlap.iou <= overlap.f1 <= 1
    assert overlap.recall == 1
    assert overlap.precision < 1

"""Clips that stand close to each other, and apart where they come from, are quotations."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.season.blocks import Block
from whenanime_pipeline.core.themes.season.reuse import (
    Clip,
    count_offsets,
    find_passages,
    is_quoting,
    list_clips,
)


def test_clips_are_listed_from_both_sides() -> None:
    blocks = [
        Block(0, 2, 50, 53, -40, 0, 3),
        Block(2, 3, 14, 17, 90, 0, 3),
        Block(2, 3, 30, 60, 4, 30, 0),
        Block(0, 1, 1, 9, 0, 0, 8),
    ]
    assert list_clips(blocks, 2) == [Clip(10, 13, 0, 40), Clip(14, 17, 3, 90)]


def test_clips_from_places_apart_are_a_passage() -> None:
    clips = [Clip(10 + 3 * one, 13 + 3 * one, 0, 40.0 + 20 * one) for one in range(4)]
    (passage,) = find_passages(clips)
    assert (passage.start, passage.end, passage.covered) == (10, 22, 12)
    assert passage.clips == tuple(clips)
    assert count_offsets(clips) == 4


def test_a_scene_that_is_shown_again_is_no_quotation() -> None:
    clips = [Clip(10 + 3 * one, 13 + 3 * one, 0, 40.0) for one in range(4)]
    assert find_passages(clips) == []
    assert count_offsets(clips) == 1


def test_a_scene_that_is_shown_again_with_seconds_left_out_is_quoted() -> None:
    clips = [Clip(10 + 5 * one, 15 + 5 * one, 0, 40.0 + 1.6 * one) for one in range(4)]
    (passage,) = find_passages(clips)
    assert count_offsets(clips) == 4
    assert is_quoting(passage)


def test_clips_far_apart_are_passages_of_their_own_and_few_seconds_none() -> None:
    near = [Clip(10 + 4 * one, 14 + 4 * one, 0, 40.0 + 20 * one) for one in range(3)]
    far = [Clip(200 + 4 * one, 204 + 4 * one, 1, 40.0 + 20 * one) for one in range(3)]
    few = [Clip(300 + 4 * one, 304 + 4 * one, 1, 40.0 + 20 * one) for one in range(2)]
    short = [Clip(400 + one, 401 + one, 1, 40.0 + 20 * one) for one in range(3)]
    assert [one.start for one in find_passages([*near, *far, *few, *short])] == [10, 200]


def test_a_clip_that_stands_off_is_left_out_and_a_gap_within_is_kept() -> None:
    starts = [10.0, 13.0, 19.0, 22.0, 28.2]
    clips = [Clip(start, start + 3, 0, 40.0 + 20 * n) for n, start in enumerate(starts)]
    (passage,) = find_passages(clips)
    assert (passage.start, passage.end, passage.covered) == (10, 25, 12)


def test_the_side_whose_clips_lie_further_apart_or_fill_it_quotes() -> None:
    spread = [Clip(10 + 4 * n, 13 + 4 * n, 0, 40.0 + 20 * n) for n in range(3)]
    dense = [Clip(10 + 3 * n, 13 + 3 * n, 0, 40.0 - 4 * n) for n in range(3)]
    loose = [Clip(10 + 4 * n, 13 + 4 * n, 0, 40.0 - 4 * n) for n in range(3)]
    assert [is_quoting(find_passages(one)[0]) for one in (spread, dense, loose)] == [
        True,
        True,
        False,
    ]


CLIPS = st.lists(
    st.builds(
        lambda start, length, partner, offset: Clip(start, start + length, partner, offset),
        st.floats(0, 60),
        st.floats(0.5, 8),
        st.integers(0, 3),
        st.floats(-90, 90),
    ),
    max_size=12,
).map(lambda clips: sorted(clips, key=lambda one: (one.start, one.end)))


@given(clips=CLIPS)
def test_passages_cover_no_second_twice(clips: list[Clip]) -> None:
    passages = find_passages(clips)
    for one in passages:
        assert 6 <= one.covered <= one.end - one.start + 1e-9
        assert count_offsets(one.clips) >= 3
        steps = {step for clip in one.clips for step in (clip.start, clip.end)}
        ordered = sorted(steps)
        covered = sum(
            high - low
            for low, high in pairwise(ordered)
            if any(clip.start <= low and high <= clip.end for clip in one.clips)
        )
        assert one.covered == pytest.approx(covered)
    for one, after in pairwise(passages):
        assert after.start > one.end

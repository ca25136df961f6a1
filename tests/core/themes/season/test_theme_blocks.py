"""Runs of sound and pictures at one offset become one block."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.match.pairs import Modality, SharedRun
from whenanime_pipeline.core.themes.season.blocks import Block, join_runs


def run(modality: Modality, start: float, end: float, offset: float) -> SharedRun:
    return SharedRun(modality, start, end, offset, 0.9)


def test_sound_and_pictures_at_one_offset_are_one_block() -> None:
    runs = [run("sound", 10, 40, 5.05), run("pictures", 9, 38, 5.2)]
    assert join_runs(2, 7, runs) == [Block(2, 7, 9, 40, 5.05, 30, 29)]


def test_the_offset_of_sound_counts_even_where_pictures_last_longer() -> None:
    (block,) = join_runs(0, 1, [run("sound", 10, 15, 5.05), run("pictures", 9, 38, 5.2)])
    assert block.offset == 5.05
    assert block.weight == 5 + 29


def test_other_offsets_and_later_runs_are_blocks_of_their_own() -> None:
    runs = [
        run("sound", 10, 40, 5.0),
        run("pictures", 12, 38, 6.0),
        run("sound", 41.1, 50, 5.0),
        run("sound", 52, 60, 5.0),
    ]
    blocks = join_runs(0, 1, runs)
    assert [(one.start, one.end, one.offset) for one in blocks] == [
        (10, 50, 5.0),
        (12, 38, 6.0),
        (52, 60, 5.0),
    ]


RUNS = st.lists(
    st.builds(
        lambda modality, start, length, offset: run(modality, start, start + length, offset),
        st.sampled_from(["sound", "pictures"]),
        st.floats(0, 200),
        st.floats(1, 40),
        st.sampled_from([-9.0, 0.0, 0.3, 14.0]),
    ),
    max_size=12,
)


@given(runs=RUNS)
def test_each_second_of_the_runs_is_in_a_block(runs: list[SharedRun]) -> None:
    blocks = join_runs(0, 1, runs)
    seconds = sum(one.end - one.start for one in runs)
    assert sum(one.weight for one in blocks) == pytest.approx(seconds)
    for one in runs:
        assert any(
            block.start <= one.start and one.end <= block.end and abs(block.offset - one.offset) < 1
            for block in blocks
        )
    assert [one.start for one in blocks] == sorted(one.start for one in blocks)

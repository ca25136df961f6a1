"""Blocks of all pairs grow to groups, whatever their order."""

from collections.abc import Iterable
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.season.blocks import Block
from whenanime_pipeline.core.themes.season.growth import Group, group_blocks


def blocks_of(starts: dict[int, float], seconds: float, trim: float = 0.0) -> list[Block]:
    """Return the blocks of a theme that episodes show from some second on."""
    return [
        Block(
            first,
            second,
            starts[first] + trim * ((first + second) % 3),
            starts[first] + seconds,
            starts[second] - starts[first],
            seconds - trim,
            seconds,
        )
        for first, second in combinations(sorted(starts), 2)
    ]


def describe(groups: Iterable[Group]) -> list[list[tuple[int, float, float]]]:
    """Return where groups are in their episodes, in seconds of these."""
    return [
        [
            (one.episode, round(one.start + one.shift, 6), round(one.end + one.shift, 6))
            for one in group.appearances
        ]
        for group in groups
    ]


STARTS = st.dictionaries(st.integers(0, 9), st.floats(0, 300), min_size=3, max_size=8)


@settings(max_examples=50)
@given(opening=STARTS, ending=STARTS, trim=st.floats(0, 2), data=st.data())
def test_groups_do_not_depend_on_the_order_of_the_blocks(
    opening: dict[int, float], ending: dict[int, float], trim: float, data: st.DataObject
) -> None:
    later = {episode: start + 400 for episode, start in ending.items()}
    blocks = blocks_of(opening, 30.0, trim) + blocks_of(later, 45.0, trim)
    wanted = group_blocks(blocks)
    shuffled = group_blocks(data.draw(st.permutations(blocks)))
    assert describe(shuffled) == describe(wanted)
    assert [group.blocks for group in shuffled] == [group.blocks for group in wanted]


def test_two_themes_are_two_groups_the_weightiest_first() -> None:
    opening = {episode: 10.0 + 7 * episode for episode in range(5)}
    ending = {episode: 600.0 - 3 * episode for episode in range(5)}
    groups = group_blocks(blocks_of(opening, 30.0) + blocks_of(ending, 45.0))
    assert describe(groups) == [
        [(episode, ending[episode], ending[episode] + 45) for episode in range(5)],
        [(episode, opening[episode], opening[episode] + 30) for episode in range(5)],
    ]


def test_an_episode_may_show_a_theme_twice() -> None:
    blocks = [
        Block(0, 1, 10, 40, 90, 30, 30),
        Block(0, 1, 10, 40, 300, 30, 30),
        Block(0, 2, 10, 40, 5, 30, 30),
    ]
    (group,) = group_blocks(blocks)
    assert [one.episode for one in group.appearances] == [0, 1, 1, 2]


def test_a_part_that_resembles_itself_a_beat_later_is_no_second_appearance() -> None:
    blocks = [Block(0, 1, 10, 40, 90, 30, 30), Block(0, 1, 12, 40, 88, 10, 0)]
    assert [len(group.appearances) for group in group_blocks(blocks)] == [2, 2]


def test_a_short_clip_of_a_theme_does_not_take_it_elsewhere() -> None:
    opening = blocks_of(dict.fromkeys(range(4), 10.0), 90.0)
    clip = Block(3, 4, 30.0, 36.0, 500.0, 0.0, 6.0)
    groups = group_blocks([*opening, clip])
    assert [[one.episode for one in group.appearances] for group in groups] == [
        [0, 1, 2, 3],
        [3, 4],
    ]


def test_groups_that_the_same_episodes_show_seconds_apart_are_joined() -> None:
    starts = {episode: 10.0 + 7 * episode for episode in range(4)}
    after_gag = {episode: start + 36.0 for episode, start in starts.items()}
    (group,) = group_blocks(blocks_of(starts, 31.0) + blocks_of(after_gag, 20.0))
    for one in group.appearances:
        assert one.end - one.start == pytest.approx(56.0)
    far = {episode: start + 60.0 for episode, start in starts.items()}
    assert len(group_blocks(blocks_of(starts, 31.0) + blocks_of(far, 20.0))) == 2


def test_no_blocks_are_no_groups() -> None:
    assert group_blocks([]) == []

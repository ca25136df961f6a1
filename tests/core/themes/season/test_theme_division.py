"""The axis of a group is divided where it changes who shows it, or what of it is shared."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.match.features import HOP
from whenanime_pipeline.core.themes.season.consensus import PICTURES, SOUND, Consensus
from whenanime_pipeline.core.themes.season.division import Part, divide
from whenanime_pipeline.core.themes.season.presence import (
    SHORTEST,
    find_presence,
    find_state,
    list_runs,
)

BOTH = SOUND | PICTURES
Stretch = tuple[float, float, int]


def make_consensus(
    members: Sequence[Sequence[Stretch]],
    cuts: list[list[float]] | None = None,
    seconds: float = 120.0,
) -> Consensus:
    """Return a consensus of members that share stretches `(start, end, state)`."""
    rows = round(seconds / HOP)
    states = np.zeros((len(members), rows), np.uint8)
    for row, stretches in zip(states, members, strict=True):
        for start, end, state in stretches:
            row[round(start / HOP) : round(end / HOP)] = state
    zeros = np.zeros(states.shape, np.float32)
    return Consensus(
        0.0,
        np.zeros(len(members)),
        tuple(np.array(one, np.float64) for one in cuts or [[]] * len(members)),
        states,
        np.ones(states.shape, np.bool_),
        zeros,
        zeros,
        states,
        states,
    )


def describe(parts: list[Part]) -> list[tuple[float, float, int, int]]:
    return [(one.start, one.end, one.state, len(one.spans)) for one in parts]


def test_what_all_show_is_one_part() -> None:
    parts = divide(make_consensus([[(10, 40, BOTH)]] * 5))
    assert describe(parts) == [(10, 40, BOTH, 5)]
    assert all((span.start, span.end) == (10, 40) for span in parts[0].spans)


def test_a_card_that_some_show_after_the_opening_is_a_part_of_its_own() -> None:
    members = [[(10, 40, BOTH)]] * 3 + [[(10, 48, BOTH)]] * 3
    assert describe(divide(make_consensus(members))) == [(10, 40, BOTH, 6), (40, 48, BOTH, 3)]


def test_story_of_some_between_the_opening_and_a_still_card_is_no_part() -> None:
    members = [[(10, 40, BOTH), (42.5, 48, PICTURES)]] * 3 + [[(10, 48, BOTH)]] * 3
    parts = divide(make_consensus(members))
    assert describe(parts)[0] == (10, 40, BOTH, 6)
    assert all(one.start >= 40 for one in parts[1:])


def test_a_theme_over_other_pictures_for_a_while_stays_one_part() -> None:
    members = [[(10, 25, BOTH), (25, 32, SOUND), (32, 50, BOTH)]] * 4
    assert describe(divide(make_consensus(members))) == [(10, 50, BOTH, 4)]


def test_a_gag_that_nobody_shares_stays_in_the_theme_and_a_scene_does_not() -> None:
    gag = divide(make_consensus([[(10, 30, BOTH), (35, 50, BOTH)]] * 4))
    assert describe(gag) == [(10, 50, BOTH, 4)]
    scene = divide(make_consensus([[(10, 30, BOTH), (40, 60, BOTH)]] * 4))
    assert describe(scene) == [(10, 30, BOTH, 4), (40, 60, BOTH, 4)]


def test_a_joint_cut_divides_a_song_over_other_pictures_from_the_jingle_after_it() -> None:
    cuts = [[40.0, 13.1 + 3.7 * one, 19.9 + 2.9 * one, 44.2 + 1.3 * one] for one in range(5)]
    parts = divide(make_consensus([[(10, 55, SOUND)]] * 5, cuts))
    assert [(one.start, one.end) for one in parts] == [
        (10, pytest.approx(40, abs=0.26)),
        (pytest.approx(40, abs=0.26), 55),
    ]
    same_pictures = divide(make_consensus([[(10, 55, BOTH)]] * 5, cuts))
    assert describe(same_pictures) == [(10, 55, BOTH, 5)]


def test_a_file_that_begins_inside_a_part_shows_what_it_has() -> None:
    (part,) = divide(make_consensus([[(10, 40, BOTH)]] * 4 + [[(22, 40, BOTH)]]))
    assert [(one.start, one.end) for one in part.spans] == [(10, 40)] * 4 + [(22, 40)]


def test_what_one_member_shows_alone_is_no_part() -> None:
    assert divide(make_consensus([[(10, 40, BOTH)], []])) == []


ROWS = st.lists(st.integers(0, 3), min_size=1, max_size=200)


@given(values=ROWS)
def test_runs_of_values_cover_all_rows(values: list[int]) -> None:
    array = np.array(values, np.uint8)
    runs = list_runs(array)
    assert [row for low, high in runs for row in range(low, high)] == list(range(len(values)))
    assert all(len(set(values[low:high])) == 1 for low, high in runs)
    assert all(values[high - 1] != values[high] for _, high in runs[:-1])


@given(data=st.data(), lengths=st.lists(st.integers(1, 40), max_size=12))
def test_presence_has_neither_short_holes_nor_islands(
    data: st.DataObject, lengths: list[int]
) -> None:
    states = np.repeat(np.array([data.draw(st.integers(0, 3)) for _ in lengths], np.uint8), lengths)
    consensus = make_consensus([[]], seconds=(len(states) + 1) * HOP)
    consensus.states[0, :-1] = states
    (present,) = find_presence(consensus)
    for low, high in list_runs(present.view(np.uint8)):
        if present[low]:
            assert high - low >= round(1.8 / HOP)
        elif low > 0 and high < len(present):
            assert high - low > round(1.2 / HOP)
    assert not present.any() or (states > 0).any()


def test_a_state_is_what_half_of_those_present_share() -> None:
    states = np.zeros((4, 100), np.uint8)
    states[:, 10:90] = BOTH
    states[:3, 40:70] = SOUND
    states[3, 40:70] = PICTURES
    state = find_state(states, states > 0)
    assert [(low, high, int(state[low])) for low, high in list_runs(state)] == [
        (0, 10, 0),
        (10, 40, BOTH),
        (40, 70, SOUND),
        (70, 90, BOTH),
        (90, 100, 0),
    ]


def test_a_state_does_not_flicker_and_needs_two() -> None:
    states = np.full((4, 100), BOTH, np.uint8)
    states[:, 50 : 50 + SHORTEST - 1] = SOUND
    assert set(find_state(states, states > 0).tolist()) == {BOTH}
    assert not find_state(states[:1], states[:1] > 0).any()


def test_holes_without_evidence_are_closed_for_longer() -> None:
    consensus = make_consensus([[(10, 30, BOTH), (32, 50, BOTH)]] * 3)
    assert not find_presence(consensus)[:, round(31 / HOP)].any()
    consensus.is_known[:, round(30 / HOP) : round(32 / HOP)] = False
    assert find_presence(consensus)[:, round(31 / HOP)].all()
    assert find_presence(make_consensus([[(10, 30, BOTH), (31, 50, BOTH)]] * 3))[
        :, round(30.5 / HOP)
    ].all()

"""Every episode is compared with enough others, and no pair twice."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.themes.season.partners import PARTNERS, list_pairs


@given(count=st.integers(0, 90))
def test_each_episode_has_its_partners_and_the_work_grows_with_the_season_only(count: int) -> None:
    pairs = list(list_pairs(count))
    assert len(set(pairs)) == len(pairs)
    assert pairs == sorted(pairs)
    assert all(0 <= first < second < count for first, second in pairs)
    partners = Counter(one for pair in pairs for one in pair)
    assert all(partners[one] >= min(PARTNERS, count - 1) for one in range(count))
    assert len(pairs) <= count * PARTNERS


@given(count=st.integers(2, 90))
def test_a_season_read_backwards_has_the_same_pairs(count: int) -> None:
    pairs = set(list_pairs(count))
    assert {(count - 1 - second, count - 1 - first) for first, second in pairs} == pairs


def test_neighbours_are_always_compared() -> None:
    pairs = set(list_pairs(40))
    assert all((one, one + step) in pairs for step in range(1, 6) for one in range(40 - step))

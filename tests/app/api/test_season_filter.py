from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_app.api.season_filter import (
    MAX_SEASON,
    MAX_SEASONS_LENGTH,
    SeasonsError,
    parse_seasons,
)

SEASON = st.integers(0, MAX_SEASON)


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, frozenset[int]]:
    """Seasons as people write them, and what they mean."""
    written: list[str] = []
    meant: set[int] = set()
    for _ in range(draw(st.integers(1, 10))):
        first, last = sorted((draw(SEASON), draw(SEASON)))
        if draw(st.booleans()):
            written.append(str(first))
            meant.add(first)
        else:
            written.append(f"{first}{draw(st.sampled_from(('-', ' - ', '–', '~')))}{last}")
            meant.update(range(first, last + 1))
    separator = draw(st.sampled_from((",", ", ", "，", "、", " ", ";")))
    return separator.join(written), frozenset(meant)


@given(lists())
def test_a_list_of_seasons_selects_each_of_them(written: tuple[str, frozenset[int]]) -> None:
    text, meant = written
    assert parse_seasons(text) == meant


@given(
    st.text(st.sampled_from("0123456789,，-–~ x१"), max_size=30)
    | st.text(max_size=MAX_SEASONS_LENGTH)
)
def test_any_text_is_parsed_or_refused_with_a_reason(text: str) -> None:
    with suppress(SeasonsError):
        seasons = parse_seasons(text)
        assert seasons is None or all(0 <= season <= MAX_SEASON for season in seasons)


@given(st.frozensets(SEASON, min_size=1, max_size=30))
def test_order_and_repeats_do_not_matter(seasons: frozenset[int]) -> None:
    forth = ",".join(map(str, sorted(seasons)))
    back = ",".join(map(str, [*sorted(seasons, reverse=True)][:1] + sorted(seasons, reverse=True)))
    assert parse_seasons(forth) == parse_seasons(back) == seasons


def test_the_list_of_the_readme() -> None:
    assert parse_seasons("19,20,22-24") == frozenset({19, 20, 22, 23, 24})


@pytest.mark.parametrize("text", ["", "  ", ",", "，、"])
def test_no_season_means_all(text: str) -> None:
    assert parse_seasons(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("one", "'one' is no season"),
        ("1-", "'1-' is no season"),
        ("1-2-3", "no season"),
        ("10000", "no season"),
        ("१", "no season"),
        ("24-22", "write 22-24"),
        ("1," * MAX_SEASONS_LENGTH, "longer than"),
    ],
)
def test_invalid_list_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(SeasonsError, match=why):
        parse_seasons(text)

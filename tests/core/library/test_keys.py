"""Keys are safe and readable, and differ for different names."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.library.episode import EpisodeKind, EpisodeName
from whenanime_pipeline.core.library.keys import build_episode_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (EpisodeName("Popeye", 1, number=2), "Popeye/S01E02"),
        (EpisodeName("One Piece", number=1071), "One_Piece/E1071"),
        (EpisodeName("Show", 1, number=1, number_end=2, title="x"), "Show/S01E01-E02"),
        (EpisodeName("Show", 0, number=3, kind="special"), "Show/S00E03"),
        (EpisodeName("Big Buck Bunny", kind="film", year=2008), "Big_Buck_Bunny-2008/Film"),
    ],
)
def test_plain_names_have_plain_keys(name: EpisodeName, key: str) -> None:
    assert build_episode_key(name) == key


def test_other_names_are_transliterated_and_hashed() -> None:
    key = build_episode_key(EpisodeName("喜羊羊", 24, "决战次时代", 1, title="怪石现世"))
    assert re.fullmatch(r"XiYangYang-[0-9a-f]{8}/S24E01-JueZhanCiShiDai-[0-9a-f]{8}", key)


def test_equal_transliterations_have_different_keys() -> None:
    assert build_episode_key(EpisodeName("是", number=1)) != build_episode_key(
        EpisodeName("事", number=1)
    )


def test_plain_name_cannot_imitate_a_year_or_a_hash() -> None:
    remake = EpisodeName("Show", number=1, year=2008)
    hashed = build_episode_key(EpisodeName("Show!", number=1)).split("/")[0]
    assert build_episode_key(EpisodeName("Show-2008", number=1)) != build_episode_key(remake)
    assert build_episode_key(EpisodeName(hashed, number=1)).split("/")[0] != hashed


def test_key_is_independent_of_the_unicode_form() -> None:
    assert build_episode_key(EpisodeName("ガ", number=1)) == build_episode_key(
        EpisodeName("カ\u3099", number=1)
    )


TEXT = st.one_of(
    st.sampled_from(
        ["Show", "Show 2", "Show_2", "Show-2", "Show-2008", "Show!", "是", "事", "Film"]
    ),
    st.sampled_from(
        ["OVA", ".5", "E02", "S01", "part2", "x-0123abcd", " Show", "a" * 60, "a" * 61]
    ),
    st.text(alphabet="aB -_é事1", min_size=1, max_size=4),
)
KINDS: list[EpisodeKind] = ["episode", "special", "film"]
EPISODES = st.builds(
    EpisodeName,
    series=TEXT,
    season=st.none() | st.integers(0, 3),
    season_name=st.none() | TEXT,
    number=st.none() | st.integers(0, 12),
    number_end=st.none() | st.integers(0, 12),
    title=st.none() | TEXT,
    kind=st.sampled_from(KINDS),
    mark=st.none() | TEXT,
    year=st.none() | st.sampled_from([1995, 2008]),
)


def identity(name: EpisodeName) -> tuple[object, ...]:
    title = name.title if name.number is None else None
    numbering = (
        name.series,
        name.year,
        name.season,
        name.season_name,
        name.number,
        name.number_end,
    )
    return (*numbering, name.kind, name.mark, title)


@settings(max_examples=400)
@given(EPISODES, EPISODES)
def test_keys_are_equal_only_for_equal_names(one: EpisodeName, other: EpisodeName) -> None:
    assert (build_episode_key(one) == build_episode_key(other)) == (
        identity(one) == identity(other)
    )


@settings(max_examples=20)
@given(st.lists(EPISODES, min_size=100, max_size=200))
def test_keys_of_many_names_do_not_collide(names: list[EpisodeName]) -> None:
    assert len({build_episode_key(name) for name in names}) == len(
        {identity(name) for name in names}
    )


@given(EPISODES, st.text(min_size=1))
def test_keys_hold_only_safe_characters(name: EpisodeName, series: str) -> None:
    for key in (
        build_episode_key(name),
        build_episode_key(EpisodeName(series, 1, series, None, mark=series)),
    ):
        assert re.fullmatch(r"[A-Za-z0-9_-]+/[A-Za-z0-9_-]+", key)
        assert len(key) < 250

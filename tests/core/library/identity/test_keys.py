"""Keys are true names, safe for Dagster and addresses, and differ for different names."""

import unicodedata
from dataclasses import replace
from urllib.parse import quote, unquote, urljoin

import pytest
from dagster._core.definitions.partitions.utils.base import (
    raise_error_on_invalid_partition_key_substring,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from whenanime_pipeline.core.library.episode import EpisodeKind, EpisodeName
from whenanime_pipeline.core.library.identity.keys import (
    MAX_KEY_LENGTH,
    build_episode_key,
    normalise_text,
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (EpisodeName("Popeye", 1, number=2), "Popeye/S01E02"),
        (EpisodeName("One Piece", number=1071), "One Piece/E1071"),
        (EpisodeName("Show", 1, number=1, number_end=2, title="x"), "Show/S01E01-E02"),
        (EpisodeName("Show", 0, number=3, kind="special"), "Show/S00E03"),
        (EpisodeName("Big Buck Bunny", kind="film", year=2008), "Big Buck Bunny (2008)/Film"),
        (
            EpisodeName("Show", 1, number=2, year=2019, ids=("tvdb-1",)),
            "Show (2019) [tvdb-1]/S01E02",
        ),
        (
            EpisodeName("喜羊羊与灰太狼", 24, "决战次时代", 1, title="怪石现世"),
            "喜羊羊与灰太狼/S24E01 决战次时代",
        ),
        (EpisodeName("Show", 0, number=1, kind="special", mark="OVA"), "Show/S00E01 OVA"),
        (EpisodeName("Show", number=12, kind="special", mark=".5"), "Show/E12.5"),
        (EpisodeName("Show", 1, number=3, mark="b"), "Show/S01E03b"),
        (EpisodeName("Show", kind="special", mark="NCOP2"), "Show/Special NCOP2"),
        (EpisodeName("Show", 0, title="Making of", kind="special"), "Show/S00 Making of"),
        (
            EpisodeName("Show", 0, title="Making of", kind="special", mark="Interview"),
            "Show/S00 Interview · Making of",
        ),
        (EpisodeName("Show", 1, "Arc", 1, kind="special", mark="SP"), "Show/S01E01 Arc · SP"),
        (EpisodeName("Show", kind="film", title="The Movie"), "Show/Film The Movie"),
        (EpisodeName("Wait...", number=1), "Wait…/E01"),
        (EpisodeName("A/B\\C", number=1), "A／B＼C/E01"),
        (EpisodeName("Ze\x00ro\u200b\u3000 One\n", number=1), "Zero One/E01"),
        (EpisodeName("100%? #1", number=1), "100%? #1/E01"),
    ],
)
def test_keys_are_the_true_names(name: EpisodeName, key: str) -> None:
    assert build_episode_key(name) == key


@pytest.mark.parametrize(
    ("name", "distinct", "key"),
    [
        # Pinned with their hashes: the spelling never changes again.
        (EpisodeName("Show", 1, number=1), "uncut", "Show/S01E01 {uncut}"),
        (EpisodeName("Show (2019)", number=1), "", "Show (2019) ~1e59934a77/E01"),
        (EpisodeName(".", number=1), "", ". ~293107dd52/E01"),
        (EpisodeName("A" * 300, number=1), "", "A" * 107 + "… ~cfce972fbf/E01"),
        (EpisodeName("Show", kind="film", title="S01"), "", "Show/Film S01 ~4c3f42209c"),
    ],
)
def test_spelling_stays(name: EpisodeName, distinct: str, key: str) -> None:
    assert build_episode_key(name, distinct) == key


def test_title_and_absolute_number_are_no_identity() -> None:
    name = EpisodeName("Show", 1, number=2, title="One", absolute=14)
    other = EpisodeName("Show", 1, number=2, title="Other")
    assert build_episode_key(name) == build_episode_key(other)


def test_key_is_independent_of_the_unicode_form() -> None:
    assert build_episode_key(EpisodeName("ガ", number=1)) == build_episode_key(
        EpisodeName("カ\u3099", number=1)
    )
    apart = EpisodeName("カ\u200b\u3099", number=1)
    assert build_episode_key(apart) == build_episode_key(EpisodeName("ガ", number=1))


@pytest.mark.parametrize(("one", "other"), [("Show", "show"), ("Show", "ＳＨＯＷ"), ("是", "事")])
def test_case_and_width_tell_series_apart(one: str, other: str) -> None:
    assert build_episode_key(EpisodeName(one, number=1)) != build_episode_key(
        EpisodeName(other, number=1)
    )


TEXT = st.one_of(
    st.sampled_from(
        ["Show", "Show (2008)", "Show [tvdb-1]", "Show!", "是", "事", "Film", "Wait...", "Wait…"]
    ),
    st.sampled_from(
        ["OVA", ".5", "E02", "S01", "part2", "x ~0123abcdef", " Show", "a" * 60, "a" * 61]
    ),
    st.sampled_from(["OVA · A", "A", "A {B}", "{B}", "b", "Special", "a" * 119, "a" * 118 + "b."]),
    st.text(alphabet="aB -_é事1.·{}~S0E\u0301\u200b/", max_size=5),
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
    ids=st.sampled_from([(), ("tvdb-1",), ("imdb-tt1", "tvdb-1")]),
)


def identity(name: EpisodeName) -> tuple[object, ...]:
    texts = [name.series, name.season_name, name.mark, name.title if name.number is None else None]
    # A name of nothing but dropped characters says as little as none.
    said = [None if text is None else normalise_text(text) or None for text in texts]
    numbering = (name.year, name.ids, name.season, name.number, name.number_end)
    return (*said, *numbering, name.kind)


def change_one_field(name: EpisodeName) -> st.SearchStrategy[EpisodeName]:
    fields = ("series", "season", "season_name", "number", "title", "kind", "mark", "year", "ids")
    return st.builds(
        lambda field, other: replace(name, **{field: getattr(other, field)}),
        st.sampled_from(fields),
        EPISODES,
    )


PAIRS = EPISODES.flatmap(lambda name: st.tuples(st.just(name), change_one_field(name)))


@settings(max_examples=600)
@given(PAIRS | st.tuples(EPISODES, EPISODES), st.sampled_from([("", ""), ("A", ""), ("A", "B}")]))
def test_keys_are_equal_only_for_equal_names(
    pair: tuple[EpisodeName, EpisodeName], words: tuple[str, str]
) -> None:
    (one, other), (distinct, also) = pair, words
    assert (build_episode_key(one, distinct) == build_episode_key(other, also)) == (
        (identity(one), distinct) == (identity(other), also)
    )


@settings(max_examples=20)
@given(st.lists(EPISODES, min_size=100, max_size=200))
def test_keys_of_many_names_do_not_collide(names: list[EpisodeName]) -> None:
    assert len({build_episode_key(name) for name in names}) == len(
        {identity(name) for name in names}
    )


@settings(max_examples=300)
@given(EPISODES, st.text(min_size=1, max_size=300))
def test_keys_suit_dagster_and_addresses(name: EpisodeName, text: str) -> None:
    for key in (
        build_episode_key(name, "words"),
        build_episode_key(EpisodeName(text, 1, text, None, mark=text, title=text), text),
    ):
        assert len(key) <= MAX_KEY_LENGTH
        assert key.count("/") == 1
        assert unicodedata.is_normalized("NFC", key)
        # What this Python's Unicode does not know yet may be printable.
        assert all(char.isprintable() or unicodedata.category(char) == "Cn" for char in key)
        raise_error_on_invalid_partition_key_substring([key])
        # As browsers resolve it, segment by segment.
        address = "/".join(quote(part, safe="") for part in key.split("/"))
        base = "http://host/api/v1/episodes/"
        assert unquote(urljoin(base, address)).removeprefix(base) == key

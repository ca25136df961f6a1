"""Former keys follow their episodes, and keys of earlier builds are respelled."""

from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.changes import KeyClaim
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.identity.former_keys import MAX_FORMER_KEYS, follow_moves
from whenanime_pipeline.core.library.identity.key_respelling import respell_keys


def test_chains_lead_to_todays_key() -> None:
    former = follow_moves({}, {"a": "b"}, {"b"})
    former = follow_moves(former, {"b": "c"}, {"c"})
    assert former == {"a": "c", "b": "c"}


def test_moves_at_once_are_followed_one_step() -> None:
    assert follow_moves({"x": "a"}, {"a": "b", "b": "c"}, {"b", "c"}) == {"x": "b", "a": "b"}
    assert follow_moves({}, {"a": "b", "b": "a"}, {"a", "b"}) == {}


def test_key_that_an_episode_has_again_is_no_former_key() -> None:
    assert follow_moves({"a": "b"}, {"b": "a"}, {"a"}) == {"b": "a"}


def test_former_keys_of_gone_episodes_are_forgotten() -> None:
    assert follow_moves({"a": "b"}, {}, set()) == {}


def test_the_latest_former_keys_are_kept() -> None:
    former: dict[str, str] = {}
    for step in range(MAX_FORMER_KEYS + 5):
        former = follow_moves(former, {f"k{step}": f"k{step + 1}"}, {f"k{step + 1}"})
    last = MAX_FORMER_KEYS + 5
    assert list(former) == [f"k{step}" for step in range(last - MAX_FORMER_KEYS, last)]
    assert set(former.values()) == {f"k{last}"}


KEYS = st.sampled_from("abcdef")


@given(st.lists(st.tuples(st.dictionaries(KEYS, KEYS), st.sets(KEYS)), max_size=6))
def test_every_former_key_leads_to_an_episode_and_none_is_in_use(
    steps: list[tuple[dict[str, str], set[str]]],
) -> None:
    former: dict[str, str] = {}
    for moves, present in steps:
        former = follow_moves(former, moves, present)
        assert set(former.values()) <= present
        assert not former.keys() & present


def make_episode(key: str, name: EpisodeName, path: str) -> Episode:
    return Episode(key, path, f"fp {path}", 1, 1, name, SeriesInfo(name.series))


def test_keys_of_an_earlier_build_are_respelled_from_the_names() -> None:
    name, film = EpisodeName("喜羊羊", 1, number=1), EpisodeName("Sintel", kind="film", year=2010)
    old = Catalogue(
        episodes=(
            make_episode("Sintel-2010/Film", film, "Sintel.mkv"),
            make_episode("XiYangYang-1/S01E01", name, "a.mkv"),
        ),
        claims=(KeyClaim("b.mkv", 1, 1, "x", "XiYangYang-1/S01E01", "a.mkv", "says"),),
    )
    new = respell_keys(old)
    assert [episode.key for episode in new.episodes] == ["Sintel (2010)/Film", "喜羊羊/S01E01"]
    assert [claim.key for claim in new.claims] == ["喜羊羊/S01E01"]
    assert new.former_keys == {
        "Sintel-2010/Film": "Sintel (2010)/Film",
        "XiYangYang-1/S01E01": "喜羊羊/S01E01",
    }


def test_names_that_are_one_now_keep_two_keys() -> None:
    one, other = EpisodeName("Wait...", number=1), EpisodeName("Wait…", number=1)
    old = Catalogue(
        episodes=(
            make_episode("Wait-1/E01", one, "1.mkv"),
            make_episode("Wait-2/E01", other, "2.mkv"),
        )
    )
    assert len({episode.key for episode in respell_keys(old).episodes}) == 2

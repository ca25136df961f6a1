"""Siblings prove which number counts up; a name does not flip as they come and go."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.library.episode import EpisodeName
from whenanime_pipeline.core.library.identity.keys import build_episode_key
from whenanime_pipeline.core.library.naming import name_files


def describe(names: Mapping[str, EpisodeName]) -> dict[str, tuple[object, ...]]:
    return {path: (name.series, name.number, name.title) for path, name in names.items()}


def count_up(template: str, count: int = 4) -> list[str]:
    return [template.format(number) for number in range(1, count + 1)]


def test_number_that_counts_up_is_the_episode() -> None:
    paths = count_up("Show - {} - 12.mkv")
    assert describe(name_files(paths, "R")) == {
        path: ("Show", number, None) for number, path in enumerate(paths, 1)
    }


def test_number_that_never_changes_is_part_of_the_title() -> None:
    paths = count_up("Show - 24 - {:02}.mkv")
    assert describe(name_files(paths, "R")) == {
        path: ("Show - 24", number, None) for number, path in enumerate(paths, 1)
    }


def test_text_between_number_and_tags_that_never_changes_is_a_tag() -> None:
    names = name_files(count_up("Show - S01E{:02} - FanSub Team.mkv"), "R")
    assert {name.title for name in names.values()} == {None}


def test_two_siblings_prove_nothing() -> None:
    first, second = "Show - 24 - 01.mkv", "Show - 24 - 02.mkv"
    alone = name_files([first], "R")
    assert name_files([first, second], "R")[first] == alone[first]


def test_proved_name_stays_when_siblings_go() -> None:
    paths = count_up("Show - 24 - {:02}.mkv")
    proved = name_files(paths, "R")
    assert name_files(paths[:1], "R") != {paths[0]: proved[paths[0]]}
    assert name_files(paths[:1], "R", known=proved) == {paths[0]: proved[paths[0]]}


def test_doubtful_name_moves_when_siblings_prove_another() -> None:
    paths = count_up("Show - 24 - {:02}.mkv")
    doubtful = name_files(paths[:1], "R")
    moved = name_files(paths, "R", known=doubtful)
    assert moved[paths[0]].series == "Show - 24"


def test_name_that_the_path_cannot_have_is_not_kept() -> None:
    known = {"Show - 05.mkv": EpisodeName("Other", number=7)}
    assert name_files(["Show - 05.mkv"], "R", known)["Show - 05.mkv"].series == "Show"


def test_films_with_numbers_are_no_episodes_of_each_other() -> None:
    paths = [f"Movies/Toy Story {number} ({1995 + number}).mkv" for number in (1, 2, 3, 4)]
    assert {name.kind for name in name_files(paths, "R").values()} == {"film"}


def test_sorting_folder_of_several_series_is_no_anilist_number() -> None:
    paths = ["104/[G] Show A - 01.mkv", "104/[G] Show B - 01.mkv"]
    assert {name.ids for name in name_files(paths, "R").values()} == {()}


def test_series_that_begin_with_numbers_do_not_prove_each_other_episodes() -> None:
    titles = ("86", "91 Days", "11eyes", "2.5 Show", "3-gatsu", "100 Show", "7 Seeds")
    for style in ("{} - 05.mkv", "{} 05.mkv", "[G] {} - 05 [1080p].mkv", "{} [05].mkv"):
        paths = [style.format(title) for title in titles]
        named = name_files(paths, "R")
        assert [named[path].series for path in paths] == list(titles)
        assert {name.number for name in named.values()} == {5}


TITLES = st.sampled_from(
    [
        "Show",
        "86",
        "Show 2",
        "Ranma 1-2",
        "2.5 Dimensional",
        "番名",
        "K",
        "Zom 100 - Bucket",
        "한국",
    ]
)
STYLES = st.sampled_from(
    [
        "[G] {title} - {number:02} (1080p) [0A1B2C3D].mkv",
        "[G][{title}][{number:02}][1080p].mp4",
        "{title} S01E{number:02} 1080p WEB-DL.mkv",
        "{title}/{title} - S01E{number:02}.mkv",
        "{title} 第{number:02}話.mkv",
        "{title} [{number:02}].mkv",
    ]
)


@given(TITLES, STYLES, st.integers(1, 900), st.integers(1, 12))
def test_no_file_of_a_release_is_lost(title: str, style: str, first: int, count: int) -> None:
    paths = [style.format(title=title, number=first + step) for step in range(count)]
    names = name_files(paths, "R")
    assert {name.series for name in names.values()} == {title}
    assert [names[path].number for path in paths] == list(range(first, first + count))
    assert len({build_episode_key(name) for name in names.values()}) == count

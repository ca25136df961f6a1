"""`whenanime bench names`: what its styles write, and what it counts as wrong or lost."""

import threading
from pathlib import Path

import pytest

from benchmarks.names import Options, measure
from benchmarks.support.context import BenchmarkContext, BenchmarkError
from benchmarks.support.names.comparison import compare_folders
from benchmarks.support.names.expectation import ANY, Expectation, find_differences
from benchmarks.support.names.fixtures import find_wrong_fields, read_jellyfin, read_sonarr
from benchmarks.support.names.guarded_call import GuardedFunction
from benchmarks.support.names.style import EPISODES, Folder, Style
from benchmarks.support.names.styles import STYLES, build_folders, find_fitting_titles
from benchmarks.support.names.titles import load_titles
from whenanime_pipeline.core.library.episode import EpisodeName

REFUSED = set('\\:*?"<>|')
SHOW = Folder(
    "dash",
    "Show",
    tuple((f"Show - {n:02d}.mkv", Expectation("Show", number=n, title=None)) for n in (1, 2, 3)),
)


def test_titles_are_many_and_of_many_languages() -> None:
    titles = load_titles()
    assert len(titles) >= 320
    assert len({title.text for title in titles}) == len(titles)
    assert sum(any(c.isdigit() for c in title.text) for title in titles) >= 60
    for language, least in {"ja": 40, "zh": 40, "ko": 15, "ru": 15}.items():
        assert sum(title.language == language for title in titles) >= least
    for title in titles:
        assert not REFUSED & set(title.text), title.text
        assert title.text == title.text.strip(), title.text


def test_names_of_styles_are_unique() -> None:
    assert len({style.name for style in STYLES}) == len(STYLES) >= 44


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_style_writes_unique_paths_with_their_right_names(style: Style) -> None:
    assert len(find_fitting_titles(style)) >= 4
    for folder in build_folders(1, 0.02, style.name):
        paths = [path for path, _ in folder.files]
        assert len(paths) in {1, EPISODES + len(style.extras)}
        assert len(set(paths)) == len(paths)
        rights = [right for path, right in folder.files if right.title is not ANY]
        if style.judges_number:
            assert len({(right.series, right.number) for right in rights}) == len(rights)
        for path, right in folder.files:
            assert not REFUSED & set(path)
            assert all(part and not part.startswith(".") for part in path.split("/"))
            assert isinstance(right.series, str)
            assert right.kind == "special" or right.kind == style.kind


def test_seed_decides_the_names() -> None:
    first, again, other = (list(build_folders(seed, 0.02, "group dash")) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_right_names_are_not_counted() -> None:
    result = compare_folders(lambda _paths, _root: _name_right(SHOW), [SHOW]).styles["dash"]
    assert (result.files, result.wrong, result.lost) == (3, 0, 0)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("series", EpisodeName("show", number=2)),
        ("season", EpisodeName("Show", season=1, number=2)),
        ("number", EpisodeName("Show", number=9)),
        ("number_end", EpisodeName("Show", number=2, number_end=3)),
        ("kind", EpisodeName("Show", number=2, kind="special")),
        ("title", EpisodeName("Show", number=2, title="Pilot")),
    ],
)
def test_each_field_makes_a_file_wrong(field: str, name: EpisodeName) -> None:
    path = SHOW.files[1][0]
    wrong = _name_right(SHOW) | {path: name}
    result = compare_folders(lambda _paths, _root: wrong, [SHOW], "dash")
    assert result.styles["dash"].wrong == 1
    assert result.styles["dash"].fields == {field: 1}
    assert [name.path for name in result.wrong] == [path]


def test_file_without_an_answer_is_wrong_and_of_one_key_lost() -> None:
    right = _name_right(SHOW)
    first, second, third = (path for path, _ in SHOW.files)
    named = {first: right[first], second: right[first]}
    result = compare_folders(lambda _paths, _root: named, [SHOW]).styles["dash"]
    assert (result.wrong, result.lost) == (2, 1)
    assert third not in named


def test_text_is_compared_in_nfc() -> None:
    assert find_differences(Expectation("Pokémon"), EpisodeName("Poke\u0301mon")) == []


def test_report_counts_titles_styles_and_files(tmp_path: Path) -> None:
    room = BenchmarkContext(tmp_path, tmp_path, None, lambda _line: None)
    report = measure(room, Options(share=0.01, style="group dash"))
    values = {figure.name: figure.value for figure in report.figures}
    assert values["styles"] == 1
    assert values["files"] == 13 * values["titles"]
    with pytest.raises(BenchmarkError, match="no style"):
        measure(room, Options(style="none"))


def test_cases_of_sonarr_are_read_and_judged(tmp_path: Path) -> None:
    folder = tmp_path / "src/NzbDrone.Core.Test/ParserTests"
    folder.mkdir(parents=True)
    (folder / "AbsoluteEpisodeNumberParserFixture.cs").write_text(
        '        [TestCase("[G] Show S2 - 03 [720p]", "Show S2", 3, 0, 0)]\n'
        '        // [TestCase("", "", 0, 0, 0)]\n'
        "        public void should_parse_absolute_numbers(string a, string b, int c)\n"
        '        [TestCase("[G] Show S01 [Web]", "Show", 1)]\n'
        "        public void should_parse_anime_season_packs(string a, string b, int c)\n"
    )
    (folder / "MultiEpisodeParserFixture.cs").write_text(
        '        [TestCase("Show.S01E01-03.mkv", "Show", 1, new[] { 1, 2, 3 })]\n'
        "        public void should_parse_multiple_episodes(string a, string b, int[] c)\n"
    )
    (folder / "MiniSeriesEpisodeParserFixture.cs").write_text("")
    single, several = read_sonarr(tmp_path)
    assert single.path == "[G] Show S2 - 03 [720p].mkv"
    assert find_wrong_fields(single, EpisodeName("Show", season=2, number=3)) == []
    assert find_wrong_fields(single, EpisodeName("Show", number=4)) == ["number", "series"]
    assert find_wrong_fields(several, EpisodeName("Show", 1, None, 1, 3)) == []
    assert find_wrong_fields(several, EpisodeName("Show", 2, None, 1, 2)) == [
        "number_end",
        "season",
    ]


def test_missing_checkout_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="EpisodeNumberTests"):
        read_jellyfin(tmp_path)


def test_parser_that_never_returns_gives_no_answer_and_is_replaced() -> None:
    parse = GuardedFunction(parse_or_never_return, 0.5)
    try:
        assert parse("one") == EpisodeName("one")
        assert parse("endless") is None
        assert parse("two") == EpisodeName("two")
    finally:
        parse.close()


def parse_or_never_return(path: str) -> EpisodeName:
    """Return a name, except for `endless`; the process that runs it imports this module."""
    if path == "endless":
        threading.Event().wait()
    return EpisodeName(path)


def _name_right(folder: Folder) -> dict[str, EpisodeName]:
    named = {}
    for path, right in folder.files:
        assert isinstance(right.series, str)
        assert isinstance(right.number, int)
        named[path] = EpisodeName(right.series, number=right.number)
    return named

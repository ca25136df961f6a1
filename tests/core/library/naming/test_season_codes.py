"""`103` is episode 3 of season 1 only where the other numbers of a folder prove it."""

from collections.abc import Iterable, Sequence

import pytest

from whenanime_pipeline.core.library.naming import name_files
from whenanime_pipeline.core.library.naming.season_codes import are_season_codes


def numbers_of(
    paths: Sequence[str], known: Iterable[str] = ()
) -> list[tuple[str, int | None, int | None]]:
    """Return series, season and number of each file, after other files were there before."""
    before = name_files(list(known), "R") if known else {}
    names = name_files(paths, "R", before)
    return [(names[path].series, names[path].season, names[path].number) for path in paths]


def write(template: str, *ranges: range) -> list[str]:
    return [template.format(number) for span in ranges for number in span]


SEASONS = range(101, 114), range(201, 214)


@pytest.mark.parametrize(
    ("template", "series"),
    [
        ("Show/Show {}.avi", "Show"),
        ("Show/Show - {}.avi", "Show"),
        ("Show/Show - {} - A Title.avi", "Show"),
        ("Show/{}.avi", "Show"),
        ("Show/{} - A Title {}.avi", "Show"),
        ("Show/show.{}.dvdrip-grp.avi", "Show"),
        ("Show/[Group] Show [{}][720p].mkv", "Show"),
        ("Show 2 {}.mkv", "Show 2"),
    ],
)
def test_several_seasons_prove_the_codes(template: str, series: str) -> None:
    paths = [template.replace("{}", str(number), 1).replace("{}", "x" * (number % 7 + 1))
             for span in SEASONS for number in span]  # fmt: skip
    expected = [(number // 100, number % 100) for span in SEASONS for number in span]
    found = numbers_of(paths)
    assert [(season, number) for _, season, number in found] == expected
    assert {name.casefold() for name, _, _ in found} == {series.casefold()}


@pytest.mark.parametrize("season", [1, 2, 9])
def test_the_season_of_the_folder_proves_them_too(season: int) -> None:
    paths = [f"Show/Season {season}/Show {season}{number:02}.avi" for number in range(1, 6)]
    assert numbers_of(paths) == [("Show", season, number) for number in range(1, 6)]


@pytest.mark.parametrize(
    "numbers",
    [
        (range(101, 114),),  # one season: as well the second cour of a long series
        (range(101, 261),),
        (range(1, 4), range(101, 114), range(201, 214)),
        (range(100, 114), range(201, 214)),
        (range(101, 114), range(202, 214)),
        (range(101, 114), range(201, 203)),
        (range(101, 200), range(201, 214)),
        (range(101, 114), range(201, 240, 3)),
        (range(1101, 1114), range(1201, 1214)),
    ],
    ids=str,
)
def test_without_proof_numbers_are_absolute(numbers: tuple[range, ...]) -> None:
    paths = write("Show/Show - {:02}.mkv", *numbers)
    flat = [number for span in numbers for number in span]
    assert numbers_of(paths) == [("Show", None, number) for number in flat]


def test_a_folder_of_another_season_proves_nothing() -> None:
    paths = [f"Show/Season 3/Show - {number}.mkv" for number in range(101, 114)]
    assert numbers_of(paths) == [("Show", 3, number) for number in range(101, 114)]


def test_what_a_name_declares_is_no_code() -> None:
    paths = write("Show/Show 第{}話.mkv", *SEASONS)
    assert {season for _, season, _ in numbers_of(paths)} == {None}


def test_two_episodes_in_one_file_are_both_read() -> None:
    paths = [*write("Show/Show {}.avi", *SEASONS), "Show/Show 114-115.avi"]
    name = name_files(paths, "R")[paths[-1]]
    assert (name.season, name.number, name.number_end) == (1, 14, 15)


def test_a_code_stays_when_the_other_season_goes() -> None:
    paths = write("Show/Show - {}.avi", *SEASONS)
    first = paths[:13]
    assert numbers_of(first, known=paths) == [("Show", 1, number) for number in range(1, 14)]
    assert numbers_of(first) == [("Show", None, number) for number in range(101, 114)]
    longer = [*first, *write("Show/Show - {}.avi", range(114, 180))]
    assert {season for _, season, _ in numbers_of(longer, known=paths)} == {None}


def test_absolute_numbers_move_when_a_season_proves_the_codes() -> None:
    paths = write("Show/Show - {}.avi", *SEASONS)
    assert numbers_of(paths, known=paths[:13])[:1] == [("Show", 1, 1)]


def test_seasons_may_lack_a_third_of_their_episodes() -> None:
    full = set(SEASONS[0]) | set(SEASONS[1])
    assert are_season_codes(full - {103, 107, 210}, None)
    assert not are_season_codes(full - {101}, None)
    assert not are_season_codes(full - set(range(202, 209)), None)
    assert not are_season_codes(set(), None)

"""Each series has a number of its own, and keeps it whatever it is called."""

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whenanime_pipeline.core.library.episode import Episode, EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.identity import series_numbers
from whenanime_pipeline.core.library.identity.series_numbers import (
    END_NUMBER,
    FIRST_NUMBER,
    SeriesIdentity,
    SeriesNumber,
    identify_series,
    list_numbers,
    number_series,
)

Folder = Mapping[str, str]
"""Series by content; a content is a letter or a word."""


def episodes(folder: Folder) -> list[Episode]:
    """Return a catalogue's entries; `Show|2012|tvdb-1` is a series with year and id."""
    return [
        Episode(content, content, content, 1, 1, name_of(series), SeriesInfo("any"))
        for content, series in folder.items()
    ]


def name_of(series: str) -> EpisodeName:
    name, year, site_id = [*series.split("|"), "", ""][:3]
    return EpisodeName(name, year=int(year) if year else None, ids=(site_id,) if site_id else ())


def spread(**series: str) -> dict[str, str]:
    """Return a folder: `spread(A="xyz")` has three contents of A."""
    return {content: name for name, contents in series.items() for content in contents}


def numbers_after(*folders: Folder) -> tuple[dict[str, tuple[int, ...]], tuple[SeriesNumber, ...]]:
    """Return the numbers of the last folder's series, and all, after each folder in turn."""
    known: tuple[SeriesNumber, ...] = ()
    before: list[Episode] = []
    for folder in folders:
        after = episodes(folder)
        known = number_series(known, before, after)
        before = after
    series = {one: identify_series(name_of(one)) for one in folders[-1].values()}
    listed = list_numbers(known, set(series.values()))
    return {one: listed[identity] for one, identity in series.items()}, known


def only(folder: Folder, series: str) -> int:
    """Return the number of a series when the folder is all that there ever was."""
    ((number,)) = numbers_after(folder)[0][series]
    return number


START = spread(A="abcd", B="ef")
A, B = only(START, "A"), only(START, "B")


def test_numbers_follow_from_names_alone() -> None:
    """Two homes of one folder agree, also with the homes of later builds."""
    assert (A, B) == (1_988_949_221, 1_245_151_926)
    assert only({"z": "A", "y": "Other"}, "A") == A


def test_names_years_and_ids_tell_series_apart() -> None:
    folder = {"a": "A", "b": "A|2012", "c": "A||tvdb-1", "d": "A||tvdb-2", "e": "a"}
    assert len({only(folder, series) for series in folder.values()}) == 5


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        # The folder is renamed; a second series is not touched.
        (spread(C="abcd", B="ef"), {"C": (A,), "B": (B,)}),
        # It gets a year, or an id.
        ({**dict.fromkeys("abcd", "A|2012"), "e": "B"}, {"A|2012": (A,), "B": (B,)}),
        ({**dict.fromkeys("abcd", "A||tvdb-1"), "e": "B"}, {"A||tvdb-1": (A,), "B": (B,)}),
        # Some files are gone, new ones came with the rename.
        (spread(C="abxyz", B="ef"), {"C": (A,), "B": (B,)}),
        # Most went into a new series, some are left, which is another series from now on.
        (spread(C="abc", A="d", B="ef"), {"C": (A,), "A": None, "B": (B,)}),
        # As many are left as went.
        (spread(C="ab", A="cd", B="ef"), {"C": None, "A": (A,), "B": (B,)}),
        # A split of all: the most files win.
        (spread(C="abc", D="d", B="ef"), {"C": (A,), "D": None, "B": (B,)}),
        # One series becomes part of another: both numbers lead to it.
        (spread(B="abcdef"), {"B": (B, A)}),
        (spread(C="abcdef"), {"C": (A, B)}),
        # Most files of one move to another that is there; what is left stays what it is.
        (spread(A="d", B="abcef"), {"A": (A,), "B": (B,)}),
        # Two series swap their names; one takes the name that another leaves.
        (spread(B="abcd", A="ef"), {"B": (A,), "A": (B,)}),
        (spread(B="abcd", C="ef"), {"B": (A,), "C": (B,)}),
        # A copy under another name is another series.
        ({**START, "a2": "C"}, {"A": (A,), "B": (B,), "C": None}),
    ],
)  # fmt: skip
def test_a_number_follows_most_of_the_files(
    after: Folder, expected: Mapping[str, tuple[int, ...] | None]
) -> None:
    found, known = numbers_after(START, after)
    assert found.keys() == expected.keys()
    for series, numbers in expected.items():
        if numbers is None:
            ((new,)) = found[series]
            assert new not in (A, B)
        else:
            assert found[series] == numbers
    assert {A, B} <= {one.number for one in known}


def test_a_series_that_comes_back_has_its_number() -> None:
    gone = spread(B="ef")
    assert numbers_after(START, gone, START)[0] == {"A": (A,), "B": (B,)}
    renamed_and_back = numbers_after(START, spread(C="abcd", B="ef"), START)[0]
    assert renamed_and_back == {"A": (A,), "B": (B,)}


def test_the_number_of_a_renamed_series_is_not_given_to_one_with_its_old_name() -> None:
    found, _ = numbers_after(START, spread(C="abcd", B="ef"), spread(C="abcd", B="ef", A="xy"))
    assert found["C"] == (A,)
    assert found["A"] != (A,)


def test_a_rename_that_is_seen_file_by_file_loses_no_number() -> None:
    steps = [START, *(spread(C="abcd"[:n], A="abcd"[n:], B="ef") for n in range(1, 5))]
    found, _ = numbers_after(*steps)
    assert found["C"][-1] == A
    assert found["B"] == (B,)


def test_former_numbers_follow_the_next_rename() -> None:
    found, _ = numbers_after(START, spread(B="abcdef"), spread(C="abcdef"))
    assert found == {"C": (B, A)}


def test_the_catalogue_of_an_earlier_build_has_the_numbers_that_its_snapshot_is_served_with() -> (
    None
):
    """Also when its series are called otherwise by the build that gives them numbers."""
    known = number_series((), episodes(START), episodes(spread(C="abcd", B="ef")))
    listed = list_numbers(known, {SeriesIdentity("C"), SeriesIdentity("B")})
    assert listed == {SeriesIdentity("C"): (A,), SeriesIdentity("B"): (B,)}


@pytest.fixture
def few_numbers(monkeypatch: pytest.MonkeyPatch) -> range:
    """Ten numbers alone, so that names fall on the same ones."""
    monkeypatch.setattr(series_numbers, "END_NUMBER", FIRST_NUMBER + 10)
    return range(FIRST_NUMBER, FIRST_NUMBER + 10)


def test_names_that_fall_on_one_number_get_two(few_numbers: range) -> None:
    series = [SeriesIdentity(letter) for letter in "ABCDEFGHIJ"]
    assert sorted(number for (number,) in list_numbers((), series).values()) == list(few_numbers)


CONTENTS = "abcdefgh"
FOLDERS = st.lists(
    st.dictionaries(st.sampled_from(CONTENTS), st.sampled_from(["A", "B", "C", "B|2012"])),
    min_size=1,
    max_size=8,
)


@given(FOLDERS)
def test_whatever_happens_each_series_has_one_number_and_no_number_is_lost(
    folders: list[Folder],
) -> None:
    known: tuple[SeriesNumber, ...] = ()
    before: list[Episode] = []
    for folder in folders:
        after = episodes(folder)
        previous, known = known, number_series(known, before, after)
        check_numbers(previous, known, after)
        assert number_series(known, after, after) == known
        before = after


def check_numbers(
    previous: Iterable[SeriesNumber], known: Iterable[SeriesNumber], after: Iterable[Episode]
) -> None:
    numbers = [one.number for one in known]
    assert numbers == sorted(set(numbers))
    assert all(FIRST_NUMBER <= number < END_NUMBER for number in numbers)
    assert {one.number for one in previous} <= set(numbers)
    answered = [one.identity for one in known if not one.former]
    assert len(set(answered)) == len(answered)
    assert {identify_series(one.name) for one in after} <= set(answered)


@given(st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=50))
def test_no_two_names_have_one_number(names: set[str]) -> None:
    listed = list_numbers((), [SeriesIdentity(name) for name in names])
    assert len({number for (number,) in listed.values()}) == len(names)

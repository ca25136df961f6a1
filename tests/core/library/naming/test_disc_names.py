"""Titles of discs are named by the folders above them."""

import pytest

from whenanime_pipeline.core.library.episode import EpisodeName
from whenanime_pipeline.core.library.naming import name_files


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Film (2010)/BDMV/STREAM/00800.m2ts", EpisodeName("Film", year=2010, kind="film")),
        ("Films/Old Film/VIDEO_TS/VTS_01_1.VOB", EpisodeName("Old Film", kind="film")),
        ("bdmv/stream/00800.MTS", EpisodeName("Library", kind="film")),
        (
            "Show/Season 2/Disc 1/BDMV/STREAM/00005.m2ts",
            EpisodeName("Show", season=2, title="Disc 1"),
        ),
        (
            "Show [tvdb-5]/OVA/BDMV/STREAM/00005.m2ts",
            EpisodeName("Show", season=0, kind="special", mark="OVA", ids=("tvdb-5",)),
        ),
        ("Show/Disc 2/VIDEO_TS/VTS_03_1.VOB", EpisodeName("Show", title="Disc 2")),
    ],
)
def test_a_disc_with_one_title_has_the_name_of_its_folder(path: str, name: EpisodeName) -> None:
    assert name_files([path], "Library") == {path: name}


def test_several_titles_keep_the_names_of_their_files() -> None:
    disc = "Show (2001)/Season 1/Disc 2/BDMV/STREAM"
    paths = [f"{disc}/0000{number}.m2ts" for number in (3, 1, 2)]
    named = name_files([*paths, "Show (2001)/Season 1/Show S01E09.mkv"], "Library")
    assert [named[path].title for path in paths] == ["Disc 2 00003", "Disc 2 00001", "Disc 2 00002"]
    assert {(one.series, one.season, one.year) for one in named.values()} == {("Show", 1, 2001)}
    assert [one.number for one in named.values() if one.number is not None] == [9]

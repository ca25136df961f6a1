"""Themes of a season are stored whole, checked when they are read, and never half written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from theme_seasons import make_season, make_segment

from whenanime_pipeline.core.home import Home
from whenanime_pipeline.core.themes.errors import ThemesError
from whenanime_pipeline.core.themes.season_store import read_season_themes, write_season_themes

SEASON = make_season(
    {
        "a" * 32: (
            make_segment("opening", 0.0, 90.0, template="T1", is_first=True),
            make_segment("ending", 1200.25, 1290.125, template="T2", is_first=True),
        ),
        "b" * 32: (make_segment("recap", 3.5, 20.0, confidence="likely"),),
        "c" * 32: (),
    }
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Home(tmp_path).season_themes_file("1000000001-s01")


def test_themes_are_read_as_they_were_written(path: Path) -> None:
    assert read_season_themes(path) is None
    write_season_themes(path, SEASON)
    assert read_season_themes(path) == SEASON
    assert [one.name for one in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"opening"', '"overture"', 1),
        lambda text: text.replace('90.0,"start_error"', 'NaN,"start_error"'),
        lambda text: text.replace('90.0,"start_error"', '-5.0,"start_error"'),
        lambda text: text.replace(
            '1200.25,"end":1290.125,"start_error"', '80.0,"end":99,"start_error"'
        ),
        lambda text: text.replace('"id":"T2"', '"id":"T9"', 1),
        lambda text: text.replace('"id":"T2"', '"id":"T1"', 1),
        lambda _: "[]",
        lambda _: "[" * 100_000,
        lambda text: text.replace('"schema": 1', '"schema": 2'),
    ],
)
def test_a_damaged_file_is_named(path: Path, damage: object) -> None:
    write_season_themes(path, SEASON)
    assert callable(damage)
    text = path.read_text()
    path.write_text(damage(text))
    assert path.read_text() != text
    with pytest.raises(ThemesError, match=r"1000000001-s01\.json: .*(computed|compute it) again"):
        read_season_themes(path)


def test_impossible_themes_are_not_written(path: Path) -> None:
    write_season_themes(path, SEASON)
    first, second = SEASON.episodes["a" * 32]
    late = replace(first, end=1210.0)
    for wrong in ((late, second), (second, first), (replace(first, end=0.0),)):
        with pytest.raises(ValueError, match="a" * 32):
            write_season_themes(path, make_season({"a" * 32: wrong}))
    assert read_season_themes(path) == SEASON


def test_a_full_disk_is_reported_by_the_file(path: Path) -> None:
    path.parent.parent.mkdir(exist_ok=True)
    path.parent.write_text("a file in the place of the folder")
    with pytest.raises(ThemesError, match=r"1000000001-s01\.json: cannot be written"):
        write_season_themes(path, SEASON)


def test_fields_of_later_builds_do_not_make_a_file_unreadable(path: Path) -> None:
    write_season_themes(path, SEASON)
    document = json.loads(path.read_text())
    document["themes"]["later"] = 1
    path.write_text(json.dumps(document))
    assert read_season_themes(path) == SEASON

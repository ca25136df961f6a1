"""Episodes are grouped into the seasons within which themes repeat."""

from dataclasses import replace

from whenanime_pipeline.core.library.catalogue import Catalogue
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.identity.series_numbers import number_series
from whenanime_pipeline.core.themes.season_groups import group_seasons, make_season_id


def make_episode(name: EpisodeName, content: str) -> Episode:
    key = f"{name.series}/{name}"
    return Episode(key, f"{key}.mkv", content, 1, 1, name, SeriesInfo(name.series))


def make_catalogue(*names: EpisodeName) -> Catalogue:
    episodes = tuple(make_episode(name, f"{index:032x}") for index, name in enumerate(names))
    ordered = tuple(sorted(episodes, key=lambda one: one.key))
    return Catalogue(ordered, series_numbers=number_series((), (), ordered))


def test_seasons_specials_and_films_are_apart() -> None:
    catalogue = make_catalogue(
        EpisodeName("Show", season=1, number=10),
        EpisodeName("Show", season=1, number=9),
        EpisodeName("Show", season=2, number=1),
        EpisodeName("Show", season=0, number=1, kind="special"),
        EpisodeName("Show", kind="film"),
        EpisodeName("Show", number=7),
        EpisodeName("Show", season=1, number=1, year=2020),
    )
    seasons = group_seasons(catalogue)
    found = {one.id.partition("-")[2]: [e.name.number for e in one.episodes] for one in seasons}
    assert sorted(one.id for one in seasons) == [one.id for one in seasons]
    assert len(seasons) == 6
    assert found["s02"] == [1]
    assert found["s00"] == [1]
    assert found["films"] == [None]
    assert found["episodes"] == [7]
    (first,) = [one for one in seasons if len(one.episodes) == 2]
    assert [one.name.number for one in first.episodes] == [9, 10]


def test_a_season_keeps_its_id_when_the_series_is_renamed() -> None:
    before = make_catalogue(*(EpisodeName("Show", season=1, number=n) for n in (1, 2)))
    (season,) = group_seasons(before)
    renamed = tuple(
        replace(one, key=f"Other/{one.name.number}", name=replace(one.name, series="Other"))
        for one in before.episodes
    )
    numbers = number_series(before.series_numbers, before.episodes, renamed)
    (after,) = group_seasons(Catalogue(renamed, series_numbers=numbers))
    assert after.id == season.id == make_season_id(numbers[0].number, 1, "episode")
    assert after.series == "Other"

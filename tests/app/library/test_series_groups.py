"""Two series of one name stand apart: by year or id, which give them numbers of their own."""

from dataclasses import replace

from whenanime_app.library.series_groups import (
    find_shared_names,
    group_by_series,
    select_series,
)
from whenanime_pipeline.core.library.episode import Episode, EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.identity.series_numbers import identify_series, list_numbers
from whenanime_pipeline.core.search.snapshot.episode_table import EpisodeRecord, episode_record


def record(name: EpisodeName) -> EpisodeRecord:
    series = identify_series(name)
    key = f"{name.series}/{name.year}{name.ids}E{name.number}"
    entry = Episode(key, f"{key}.mp4", key, 1, 1, name, SeriesInfo(name.series))
    numbers = list_numbers((), {series})[series]
    return episode_record(
        entry, sampling_id="s", series_numbers=numbers, content=0, duration=1.0, frames=1,
        warnings=(), chapters=(),
    )  # fmt: skip


NEW = EpisodeName("Show", season=1, number=1, year=2019)
OLD = replace(NEW, year=2003)
OTHER = EpisodeName("Other", season=1, number=1)
BY_ID = replace(OLD, ids=("tvdb-5",))
RECORDS = [record(replace(one, number=n)) for n in (2, 1) for one in (NEW, OLD, OTHER, BY_ID)]


def test_series_of_one_name_are_groups_of_their_own() -> None:
    groups = group_by_series(RECORDS)
    assert [(group[0].series, group[0].year, len(group)) for group in groups] == [
        ("Other", None, 2), ("Show", 2003, 2), ("Show", 2003, 2), ("Show", 2019, 2),
    ]  # fmt: skip
    assert all([one.number for one in group] == [1, 2] for group in groups)
    assert len({group[0].series_numbers for group in groups}) == 4


def test_a_series_is_chosen_by_name_and_number() -> None:
    assert len(select_series(RECORDS, "Show")) == 6
    number = record(OLD).series_numbers[0]
    assert {one.key for one in select_series(RECORDS, "Show", number)} == {
        "Show/2003()E1", "Show/2003()E2",
    }  # fmt: skip
    assert select_series(RECORDS, "Other", number) == []
    merged = [replace(one, series_numbers=(1, number)) for one in RECORDS[:1]]
    assert select_series(merged, "Show", number) == merged


def test_shared_names_are_found() -> None:
    assert find_shared_names(RECORDS) == {"Show"}
    assert find_shared_names([record(NEW), record(OTHER)]) == set()

"""The episode table of a snapshot round-trips; tables of earlier builds are read."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from whenanime_pipeline.core.library.episode import Character, Episode, EpisodeName, SeriesInfo
from whenanime_pipeline.core.library.identity.series_numbers import identify_series, list_numbers
from whenanime_pipeline.core.media.chapters import Chapter
from whenanime_pipeline.core.search.snapshot.episode_table import (
    LATER_COLUMNS,
    EpisodeRecord,
    episode_record,
    read_episodes,
    write_episodes,
)

CAST = (Character("小春", "A. Voice"), Character("Mio"))


def _record(number: int) -> EpisodeRecord:
    return EpisodeRecord(
        key=f"show/S01E0{number}", path=f"Show/{number}.mkv", fingerprint="f" * 32,
        sampling_id="s", content=number, series="Show", season=1, season_name=None, number=number,
        number_end=None, title=None, kind="episode", native="ショー", romaji=None, english=None,
        anilist=7, mal=None, duration=60.0, frames=100, warnings=("cut short",),
        series_numbers=(1_234_567_890, 1_000_000_000),
        chapters=(Chapter(0.0, 9.5, "OP"),), characters=CAST, display="The Show",
        synonyms=("A", "B"), genres=("Comedy",), tags=("school",), anidb=1, tvdb=2, tmdb=3,
        aired="2023-09-29",
    )  # fmt: skip


def test_an_episode_table_round_trips(tmp_path: Path) -> None:
    records = [_record(1), _record(2)]
    write_episodes(tmp_path / "episodes.parquet", records)
    found = read_episodes(tmp_path / "episodes.parquet")
    assert found == records
    assert found[0].characters is found[1].characters  # of thousands of episodes, one cast each
    assert found[0].synonyms is found[1].synonyms


@pytest.mark.parametrize("missing", [["characters"], list(LATER_COLUMNS)])
def test_missing_columns_of_older_tables_are_empty(tmp_path: Path, missing: list[str]) -> None:
    path = tmp_path / "episodes.parquet"
    write_episodes(path, [_record(1)])
    pq.write_table(pq.read_table(path).drop_columns(missing), path)
    (found,) = read_episodes(path)
    assert found.characters == ()
    assert bool(found.display) == ("display" not in missing)
    assert bool(found.chapters) == ("chapters" not in missing)


def test_series_of_an_older_table_have_the_numbers_of_their_catalogue(tmp_path: Path) -> None:
    records = [_record(1), replace(_record(2), year=1999), replace(_record(3), series="Other")]
    path = tmp_path / "episodes.parquet"
    write_episodes(path, records)
    pq.write_table(pq.read_table(path).drop_columns(["series_numbers"]), path)
    found = [record.series_numbers for record in read_episodes(path)]
    names = [EpisodeName(record.series, year=record.year) for record in records]
    series = [identify_series(name) for name in names]
    numbers = list_numbers((), series)
    assert found == [numbers[one] for one in series]
    assert len(set(found)) == 3


@pytest.mark.parametrize(
    ("ids", "in_nfo", "found"),
    [
        (("anilist-21034",), None, 21034),
        (("anidb-5", "anilist-21034", "tvdb-9"), None, 21034),
        (("anilist-21034",), 154587, 154587),
        (("tvdb-9",), None, None),
        ((), 1_500_000_000, None),
        (("anilist-21034",), 1_500_000_000, 21034),
        (("anilist-0",), None, None),
    ],
)
def test_the_anilist_id_is_the_nfos_else_the_folders(
    ids: tuple[str, ...], in_nfo: int | None, found: int | None
) -> None:
    """A number that cannot be AniList's is none: it may be the number of another series here."""
    episode = Episode(
        "a", "a.mkv", "f" * 32, 1, 1, EpisodeName("A", ids=ids), SeriesInfo("A", anilist=in_nfo)
    )
    row = episode_record(
        episode, sampling_id="s", series_numbers=(1_234_567_890,), content=0, duration=1.0,
        frames=1, warnings=(), chapters=(),
    )  # fmt: skip
    assert row.anilist == found
    assert row.anilist_or_number == (found or 1_234_567_890)
